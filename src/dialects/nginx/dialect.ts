/**
 * nginx `auth_request`: the operator configures X-Original-URL and X-Original-Method. nginx accepts
 * 2xx, 401 and 403 and turns any other status into 500, so a redirect is sent as 401 with Location.
 */
import { type Inbound, REPEATED } from '../../core/request/dialect.ts';
import {
  isMethod,
  repeatedHeader,
  requiredClient,
  requiredHeader,
  singleHeader,
  strangeMethod,
} from '../../core/request/forwarded.ts';
import { type Refusal, refuse } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeConfig } from './writer.ts';

/** The headers nginx sends and the replies it accepts. */
export const nginx: ProxyDialect = {
  name: 'nginx',
  // The last two often come from a proxy before nginx; they are only compared.
  speaks: ['x-original-url', 'x-original-method', 'x-forwarded-proto', 'x-forwarded-host'],
  passesWhole: false,
  takesCookie: false,
  keepsHost: false,
  carriesTarget: false,
  writers: [{ target: 'nginx', reachesSockets: true, setsAddressFields: true, write: writeConfig }],
  read(inbound) {
    const url = requiredHeader(inbound, 'x-original-url');
    if (typeof url !== 'string') return url;
    const method = requiredHeader(inbound, 'x-original-method');
    if (typeof method !== 'string') return method;
    if (!isMethod(method)) return strangeMethod('x-original-method');
    const clientIp = requiredClient(inbound);
    if (typeof clientIp !== 'string') return clientIp;
    // Parsed by hand: the WHATWG URL parser would repair what must be refused (RFC 3986 §3, no
    // userinfo here). The path is required: nginx accepts `Host: a.test?.b.test`, and the part
    // after `?` would be read as a query.
    const parts = /^(https?):\/\/([^/?#\\@]+)(\/.*)$/.exec(url);
    if (parts === null) {
      return refuse(
        400,
        'forwarded/url',
        'x-original-url must be $scheme://NAME$request_uri, with the name of the server block',
      );
    }
    const scheme = parts[1] as 'http' | 'https';
    const authority = parts[2] as string;
    const target = parts[3] as string;
    const contradiction =
      disagreement(inbound, 'x-forwarded-proto', scheme) ??
      disagreement(inbound, 'x-forwarded-host', authority);
    if (contradiction !== null) return contradiction;
    return { method, scheme, authority, target, clientIp, header: singleHeader(inbound) };
  },
  reply(answer) {
    switch (answer.kind) {
      case 'redirect':
        return { status: 401, headers: ['Location', answer.to], body: null };
      case 'unauthorized':
        // No Location: `error_page 401 =302` would redirect a script to the sign-in page.
        return { status: 401, headers: ['X-Doorward-Login', answer.loginUrl], body: answer.body };
      default:
        return httpReply(answer);
    }
  },
};

/** The header may be absent, but must not contradict the URL. */
function disagreement(inbound: Inbound, name: string, expected: string): Refusal | null {
  const value = inbound.header(name);
  if (value === null || value === '') return null;
  if (value === REPEATED) return repeatedHeader(name);
  if (value.toLowerCase() === expected.toLowerCase()) return null;
  return refuse(
    400,
    'forwarded/contradiction',
    `${name} and x-original-url differ: clear ${name} in the location that asks`,
  );
}

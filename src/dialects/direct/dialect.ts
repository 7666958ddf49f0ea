/**
 * The request itself, as the built-in reverse proxy receives it. Forwarded headers are read from
 * trusted peers only, and only for scheme and client address, never for the host.
 */
import { type Inbound, REPEATED } from '../../core/request/dialect.ts';
import {
  repeatedHeader,
  schemeOf,
  headersOf,
  strangeScheme,
} from '../../core/request/forwarded.ts';
import { canonicalHost } from '../../core/request/host.ts';
import { type Refusal, refuse } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeConfig } from './apache-writer.ts';

/** The built-in reverse proxy's dialect; it has no check path. */
export const direct: ProxyDialect = {
  name: 'direct',
  speaks: [],
  passesWhole: true,
  takesCookie: false,
  keepsHost: false,
  carriesTarget: true,
  takesQuery: false,
  answersPreflights: true,
  writers: [
    { target: 'apache', reachesSockets: false, setsAddressFields: true, write: writeConfig },
  ],
  read(inbound) {
    const authority = inbound.header('host');
    if (authority === null || authority === '') {
      return refuse(400, 'host/missing', 'a request must name its host');
    }
    if (authority === REPEATED) return repeatedHeader('host');
    const { forwardedFor } = inbound;
    if (forwardedFor !== null && typeof forwardedFor !== 'string') return forwardedFor;
    const scheme = schemeFrom(inbound);
    if (typeof scheme !== 'string') return scheme;
    const target = originForm(inbound.target, authority, scheme);
    if (typeof target !== 'string') return target;
    return {
      method: inbound.method,
      scheme,
      authority,
      target,
      clientIp: forwardedFor ?? inbound.peer,
      ...headersOf(inbound),
    };
  },
  reply: httpReply,
};

function schemeFrom(inbound: Inbound): 'http' | 'https' | Refusal {
  if (!inbound.trusted) return inbound.scheme;
  const value = inbound.header('x-forwarded-proto');
  if (value === null || value === '') return inbound.scheme;
  if (value === REPEATED) return repeatedHeader('x-forwarded-proto');
  return schemeOf(value) ?? strangeScheme('x-forwarded-proto');
}

/**
 * RFC 9112 §3.2: an absolute-form target overrides Host. Both must agree, so it does not matter
 * which one an upstream reads. Asterisk-form and authority-form are refused.
 */
function originForm(target: string, authority: string, scheme: 'http' | 'https'): string | Refusal {
  if (target.startsWith('/')) return target;
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(target);
  if (absolute === null) {
    return refuse(400, 'target/form', 'the request target must be a path');
  }
  const named = canonicalHost(absolute[1] as string, scheme);
  const own = canonicalHost(authority, scheme);
  if (named === null || own === null || named.host !== own.host || named.port !== own.port) {
    return refuse(400, 'target/other-host', 'the request target and Host name different hosts');
  }
  const rest = target.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

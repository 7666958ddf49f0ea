/**
 * The Kubernetes controller ingress-nginx: `auth_request` of nginx with headers that annotations
 * cannot change. It turns every 401 into a redirect to its own sign-in URL, which the generated
 * manifest completes with the flow that we name.
 */
import type { Reply } from '../../core/request/dialect.ts';
import type { RawRequest } from '../../core/request/facts.ts';
import { ORIGINAL_URL, readOriginalUrl } from '../../core/request/forwarded.ts';
import { isRefusal, type Refusal, refuse } from '../../core/request/refusal.ts';
import { httpReply, withoutEmptyAuthorization } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { FLOW_HEADER, writeConfig } from './writer.ts';

/** The headers ingress-nginx sends and the replies it accepts. */
export const ingressNginx: ProxyDialect = {
  name: 'ingress-nginx',
  speaks: [...ORIGINAL_URL, 'x-auth-request-redirect'],
  passesWhole: false,
  takesCookie: true,
  keepsHost: false,
  carriesTarget: false,
  takesQuery: true,
  answersPreflights: false,
  writers: [
    {
      target: 'ingress-nginx',
      reachesSockets: false,
      setsAddressFields: false,
      // It asks with every field that a client sends, and no annotation empties one.
      lacks: ({ certificateField }) =>
        certificateField === null
          ? null
          : `ingress-nginx would let clients write ${certificateField} in checks; certificates need another proxy`,
      write: writeConfig,
    },
  ],
  read(inbound) {
    const raw = readOriginalUrl(inbound);
    return isRefusal(raw) || inbound.target === '/' ? raw : added(inbound.target, raw);
  },
  reply(answer) {
    switch (answer.kind) {
      case 'redirect':
        return { status: 401, headers: ['Location', answer.to, ...flowOf(answer)], body: null };
      case 'unauthorized':
        return { status: 401, headers: flowOf(answer), body: answer.body };
      case 'refuse':
        // A 401 would lead to the sign-in URL, which this reply does not name, and a 400 become a 500.
        return httpReply(isOfCredential(answer) ? { ...answer, status: 403 } : answer);
      default:
        return httpReply(withoutEmptyAuthorization(answer));
    }
  },
};

/**
 * The request with what the query of the check adds. X-Original-URL contains the client's Host, which
 * may contradict the absolute-form target that nginx chose the app by. The app would receive that
 * Host, so the request is refused. ingress-nginx also passes every upgrade to the app: only a
 * handshake of a websocket is allowed (RFC 6455 §4.1), since any other protocol, such as h2c, would
 * open a tunnel in which nothing is checked. The client writes what follows `upgrade=`, but not the
 * last `&body=`: nginx accepts no `&` in the length and encoding of a body.
 */
function added(target: string, raw: RawRequest): RawRequest | Refusal {
  const parts = /^\/\?host=([\w.-]+(?::\d{1,5})?)&upgrade=(.*)&body=([^&]*)$/.exec(target);
  const [authority, upgrade = '', body = ''] = parts?.slice(1) ?? [];
  if (authority === undefined || hostOf(authority) !== hostOf(raw.authority)) {
    return refuse(400, 'forwarded/host', 'x-original-url and ?host= of the check name two hosts');
  }
  const isHandshake = /^websocket$/i.test(upgrade) && raw.method === 'GET' && body === '';
  if (upgrade !== '' && !isHandshake) {
    return refuse(400, 'forwarded/upgrade', 'only handshakes of websockets may be upgraded');
  }
  return { ...raw, authority };
}

/** The name in lower case, without a port and the final dot. */
function hostOf(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

/** Whether what a program showed is refused, with a challenge or without one. */
function isOfCredential({ status, headers }: Extract<Reply, { kind: 'refuse' }>): boolean {
  return status === 401 || headers.includes('WWW-Authenticate');
}

/** Where the client must go, as a header. ingress-nginx adds where it wanted to go. */
function flowOf(answer: Extract<Reply, { kind: 'redirect' | 'unauthorized' }>): readonly string[] {
  const { origin, pathname } = new URL(answer.kind === 'redirect' ? answer.to : answer.loginUrl);
  return [FLOW_HEADER, origin + pathname];
}

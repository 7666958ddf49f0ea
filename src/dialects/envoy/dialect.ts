/**
 * Envoy's ext_authz filter with an HTTP service: the check is the original request itself, without
 * its body and with our path before its target. Only 200 allows; a 5xx is a fault to Envoy, and any
 * other reply reaches the client whole.
 */
import type { HttpReply, Inbound, Reply } from '../../core/request/dialect.ts';
import type { RawRequest } from '../../core/request/facts.ts';
import { pairsOf } from '../../core/request/header-pairs.ts';
import {
  isMethod,
  requiredClient,
  requiredHeader,
  schemeOf,
  headersOf,
  strangeMethod,
  strangeScheme,
} from '../../core/request/forwarded.ts';
import { type Refusal, refuse } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { gatewayWriter } from './gateway-writer.ts';
import { grpcWriter } from './grpc-writer.ts';
import { httpWriter } from './http-writer.ts';

/** Envoy adds these when it rewrites a request: what it then checks is not what the client sent. */
const REWRITTEN = ['x-envoy-original-path', 'x-envoy-original-host'];

/** Names the fields of the client that Envoy removes after an allow. */
const REMOVES = 'X-Envoy-Auth-Headers-To-Remove';

/** The headers Envoy sends and the replies it accepts. */
export const envoy: ProxyDialect = {
  name: 'envoy',
  speaks: ['x-forwarded-proto', ...REWRITTEN],
  passesWhole: true,
  takesCookie: true,
  keepsHost: true,
  carriesTarget: true,
  takesQuery: false,
  answersPreflights: true,
  writers: [httpWriter],
  read,
  reply,
};

/** The same over gRPC; grpc/ describes a CheckRequest as the check that Envoy would send over HTTP. */
export const envoyGrpc: ProxyDialect = {
  ...envoy,
  name: 'envoy-grpc',
  writers: [grpcWriter, gatewayWriter],
};

function read(inbound: Inbound): RawRequest | Refusal {
  const { method, target } = inbound;
  const rewritten = REWRITTEN.find((name) => inbound.header(name) !== null);
  if (rewritten !== undefined) return rewrittenBefore(rewritten);
  if (!isMethod(method)) return strangeMethod('the check');
  const authority = requiredHeader(inbound, 'host');
  if (typeof authority !== 'string') return authority;
  const proto = requiredHeader(inbound, 'x-forwarded-proto');
  if (typeof proto !== 'string') return proto;
  const scheme = schemeOf(proto);
  if (scheme === null) return strangeScheme('x-forwarded-proto');
  const clientIp = requiredClient(inbound);
  if (typeof clientIp !== 'string') return clientIp;
  return { method, scheme, authority, target, clientIp, ...headersOf(inbound) };
}

function rewrittenBefore(name: string): Refusal {
  return refuse(
    400,
    'forwarded/rewritten',
    `${name} reports a request that was rewritten before its check: check it first, and remove this header from clients`,
  );
}

/**
 * Envoy keeps the client's Cookie and Authorization fields unless the allow writes others or names them
 * for removal. An Authorization field in the allow is the client's own, or empty to remove it.
 */
function reply(made: Reply): HttpReply {
  const rendered = httpReply(made);
  if (made.kind !== 'allow') return rendered;
  const headers: string[] = [];
  let removesCookie = true;
  for (const [name, value] of pairsOf(made.headers)) {
    if (name === 'Cookie') removesCookie = false;
    if (name !== 'Authorization') headers.push(name, value);
    else if (value === '') headers.push(REMOVES, 'authorization');
  }
  if (removesCookie) headers.push(REMOVES, 'cookie');
  return { ...rendered, headers };
}

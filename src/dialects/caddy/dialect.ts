/**
 * Caddy's `forward_auth`: describes the request in X-Forwarded-* and forwards every reply other
 * than 2xx unchanged.
 */
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import type { HttpReply, Reply } from '../../core/request/dialect.ts';
import { pairsOf } from '../../core/request/header-pairs.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { AUTHORIZATION, writeConfig } from './writer.ts';

/** The headers Caddy sends and the replies it accepts. */
export const caddy: ProxyDialect = {
  name: 'caddy',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  keepsHost: true,
  carriesTarget: false,
  takesQuery: false,
  answersPreflights: false,
  writers: [
    {
      target: 'caddy',
      reachesSockets: true,
      setsAddressFields: true,
      matchesHosts: true,
      write: writeConfig,
    },
  ],
  read: readForwarded,
  reply,
};

/** An allow has the client's own Authorization field, which Caddy keeps, or an empty one to remove it. */
function reply(made: Reply): HttpReply {
  const rendered = httpReply(made);
  if (made.kind !== 'allow' || !made.headers.includes('Authorization')) return rendered;
  const headers = pairsOf(made.headers).flatMap(([name, value]) => {
    if (name !== 'Authorization') return [name, value];
    return value === '' ? [AUTHORIZATION, 'removed'] : [];
  });
  return { ...rendered, headers };
}

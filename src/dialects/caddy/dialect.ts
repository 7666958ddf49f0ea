/**
 * Caddy's `forward_auth`: describes the request in X-Forwarded-* and forwards every reply other
 * than 2xx unchanged.
 */
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeConfig } from './writer.ts';

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
  reply: httpReply,
};

/**
 * Caddy's `forward_auth`: describes the request in X-Forwarded-* and forwards every reply other
 * than 2xx unchanged.
 */
import type { Dialect } from '../../core/request/dialect.ts';
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';

/** The headers Caddy sends and the replies it accepts. */
export const caddy: Dialect = {
  name: 'caddy',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  carriesTarget: false,
  read: readForwarded,
  reply: httpReply,
};

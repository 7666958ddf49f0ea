/**
 * Traefik's ForwardAuth, v2 and v3: describes the request in X-Forwarded-* and forwards every reply
 * other than 2xx unchanged.
 */
import type { Dialect } from '../../core/request/dialect.ts';
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';

/** The headers Traefik sends and the replies it accepts. */
export const traefik: Dialect = {
  name: 'traefik',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  carriesTarget: false,
  read: readForwarded,
  reply: httpReply,
};

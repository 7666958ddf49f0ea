/** Traefik's ForwardAuth, v2 and v3: asks by X-Forwarded-*, passes any answer but 2xx on whole. */
import type { Dialect } from '../../core/request/dialect.ts';
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';

/** What Traefik sends, and how it hears the answer. */
export const traefik: Dialect = {
  name: 'traefik',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  carriesTarget: false,
  read: readForwarded,
  reply: httpReply,
};

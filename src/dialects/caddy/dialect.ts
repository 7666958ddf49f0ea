/** Caddy's `forward_auth`: asks by X-Forwarded-*, passes any answer but 2xx on whole. */
import type { Dialect } from '../../core/request/dialect.ts';
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';

/** What Caddy sends, and how it hears the answer. */
export const caddy: Dialect = {
  name: 'caddy',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  carriesTarget: false,
  read: readForwarded,
  reply: httpReply,
};

/** Names for requests, so that a page, an answer and a log line can be brought together. No secret. */
import type { Random } from '../../core/values/system.ts';

const ACCEPTED = /^[A-Za-z0-9._-]{1,64}$/;

/** Gives each request its id: a trusted peer's own when it is plain, else a new one. */
export type RequestIds = (incoming: string | null, trusted: boolean) => string;

/** Ids unique to this process: a random beginning and a count, cheaper than randomness each. */
export function createRequestIds(random: Random): RequestIds {
  const prefix = random.token(9);
  let count = 0;
  return (incoming, trusted) => {
    if (trusted && incoming !== null && ACCEPTED.test(incoming)) return incoming;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

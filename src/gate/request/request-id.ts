/** Request ids, which connect a page, a reply and a log line. Not secret. */
import type { Inbound } from '../../core/request/dialect.ts';
import type { Random } from '../../core/values/system.ts';

const ACCEPTED = /^[A-Za-z0-9._-]{1,64}$/;

/** Gives each request its id: a trusted peer's own when it is plain, otherwise a new one. */
export type RequestIds = (incoming: string | null, peer: Pick<Inbound, 'trusted'>) => string;

/** Ids unique to this process: a random prefix and a count, cheaper than randomness for each. */
export function createRequestIds(random: Random): RequestIds {
  const prefix = random.token(9);
  let count = 0;
  return (incoming, { trusted }) => {
    if (trusted && incoming !== null && ACCEPTED.test(incoming)) return incoming;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

/** The event of one exchange with an app: a request or a websocket. */
import type { Event } from '../../core/access/event.ts';
import type { SentTo } from './exchange.ts';
import type { NetworkCause } from '../../core/values/network-cause.ts';

type UpstreamEvent = Extract<Event, { type: 'upstream' }>;

/** How an exchange ended. */
export interface ExchangeEnd {
  /** Status that the client got; 0 for none. */
  readonly status: number;
  /** Code of the fault, or `''`. */
  readonly fault: string;
  readonly cause: NetworkCause | null;
  /** Null if it was not sent. */
  readonly sentTo: SentTo | null;
}

/** The event, without what there is nothing to say of. */
export function upstreamEvent(
  about: Pick<UpstreamEvent, 'requestId' | 'route' | 'ms'>,
  { status, fault, cause, sentTo }: ExchangeEnd,
): UpstreamEvent {
  const { member = null, retries = 0 } = sentTo ?? {};
  return {
    type: 'upstream',
    ...about,
    status,
    fault,
    ...(cause === null ? {} : { cause }),
    ...(member === null ? {} : { member }),
    ...(retries === 0 ? {} : { retries }),
  };
}

/** The clocks of one relayed request: for the response to begin, for a slow body, for its turn. */
import { Problem } from '../../core/values/problem.ts';
import { noAnswer, upstreamBusy, upstreamTimeout } from '../upstream/upstream-problem.ts';
import type { Upload } from './upload.ts';

/** What the clocks watch. */
export interface ClockOptions {
  /** Time for the response to begin, in milliseconds. An upload that moves extends it. */
  readonly timeout: number;
  readonly upload: Upload | null;
  /** Whether the request still waits for its turn. */
  readonly isWaiting: () => boolean;
  /** The response did not begin in time. */
  readonly fail: (problem: Problem) => void;
  /** The client sends its body too slowly. */
  readonly slowBody: (problem: Problem) => void;
}

/** The clocks of one request. */
export interface RelayClocks {
  /** The response has begun. */
  begun(): void;
  /** The request waits for its turn, and its client must wait to send a body. */
  queued(): void;
  stop(): void;
}

/** Time in which a request with a body must get its turn, in milliseconds. */
const TURN_TIME = 20_000;

/** Shortest pause between two looks at a slow body, in milliseconds. */
const MIN_WATCH = 250;

/** Starts the clocks. */
export function startClocks(options: ClockOptions): RelayClocks {
  const { timeout, upload, isWaiting, fail, slowBody } = options;
  let moved = 0;
  const response = setTimeout(() => {
    if (upload !== null && upload.moved() !== moved) {
      moved = upload.moved();
      response.refresh();
    } else if (isWaiting()) fail(upstreamBusy());
    else fail(upload?.isStarved() === true ? tooSlow() : upstreamTimeout(noAnswer(timeout)));
  }, timeout);
  let body: NodeJS.Timeout | undefined;
  let turn: NodeJS.Timeout | undefined;

  /** A body that drips holds a connection to the app: it must move at a certain rate. */
  const watchBody = (): void => {
    const left = upload?.patience() ?? Number.POSITIVE_INFINITY;
    if (left === Number.POSITIVE_INFINITY) return;
    if (left > 0) body = setTimeout(watchBody, Math.max(left, MIN_WATCH));
    else slowBody(tooSlow());
  };
  watchBody();

  return {
    begun: () => clearTimeout(response),
    queued() {
      turn = setTimeout(() => {
        if (isWaiting()) fail(upstreamBusy());
      }, TURN_TIME);
    },
    stop() {
      clearTimeout(response);
      clearTimeout(body);
      clearTimeout(turn);
    },
  };
}

function tooSlow(): Problem {
  return new Problem('body/slow', 'The request took too long.', { status: 408 });
}

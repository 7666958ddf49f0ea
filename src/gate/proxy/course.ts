/** One exchange under way: its two sides, and whether it is over. */
import type { Problem } from '../../core/values/problem.ts';
import type { Sending, Steering } from '../upstream/exchange.ts';
import { causeOf, type NetworkCause } from '../../core/values/network-cause.ts';
import type { ExchangeEnd } from '../upstream/upstream-event.ts';
import type { Upload } from './upload.ts';

/** What an exchange ends. */
export interface CourseOptions {
  readonly upload: Upload | null;
  /** Replies in the app's place; nothing has been written yet. */
  readonly fail: (problem: Problem) => void;
  /** Called once. */
  readonly ended: (end: ExchangeEnd) => void;
}

/** The course of one exchange. */
export interface Course {
  readonly isOver: () => boolean;
  /** Whether the request has been sent to the app. */
  readonly wasSent: () => boolean;
  /** Whether the request still waits for its turn. */
  readonly isWaiting: () => boolean;
  /** The request was handed to its pool. */
  readonly queued: (sending: Sending) => void;
  /** The request was sent; called again when it is sent again. */
  readonly started: (steering: Steering) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Reports the end; nothing is passed on any more. */
  readonly end: (status: number, fault: string, cause?: NetworkCause | null) => void;
  /** Ends the exchange with the app, and the body on its way there. */
  readonly abandon: (reason?: Error) => void;
  /** Ends with our own reply; nothing has been written yet. */
  readonly fail: (problem: Problem) => void;
}

/** Nothing has been sent yet. `stop` stops the clocks. */
export function createCourse({ upload, ended, fail }: CourseOptions, stop: () => void): Course {
  let steering: Steering | null = null;
  let sending: Sending | null = null;
  let isOver = false;
  const end: Course['end'] = (status, fault, cause = null) => {
    isOver = true;
    stop();
    ended({ status, fault, cause, sentTo: sending?.course() ?? null });
  };
  const abandon: Course['abandon'] = (reason = new Error('the exchange is over')) => {
    sending?.cancel();
    steering?.abort(reason);
    upload?.stream.destroy();
  };
  return {
    isOver: () => isOver,
    wasSent: () => steering !== null,
    isWaiting: () => sending?.isWaiting() === true,
    queued(given) {
      sending = given;
    },
    started(given) {
      steering = given;
      if (isOver) abandon();
    },
    pause: () => steering?.pause(),
    resume: () => steering?.resume(),
    end,
    abandon,
    fail(problem) {
      end(problem.status, problem.code, causeOf(problem));
      // A timeout counts against the member that did not respond.
      abandon(problem);
      fail(problem);
    },
  };
}

/**
 * Whether one member of an upstream is in rotation. Two things take it out: its health checks, and
 * requests that it failed. After a failure it waits, longer each time, and comes back once one
 * request on trial has got a response.
 */

/** What takes a member out or brings it back: `down` and `up` by checks, the others by requests. */
export type Change = 'ejected' | 'returned' | 'down' | 'up';

/** What a standing needs. */
export interface StandingOptions {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** A number from 0 up to 1, so that members do not all come back at one moment. */
  readonly chance: () => number;
  /** Checks in a row that change the standing; null without checks. */
  readonly checks: { readonly fails: number; readonly passes: number } | null;
  /** Called with each change, and with its cause if it has one. */
  readonly changed: (change: Change, cause: unknown) => void;
}

/** How a request for a member went. Whatever is called first decides. */
export interface Attempt {
  /** A response has begun. */
  readonly answered: () => void;
  /** No connection could be made, or TLS failed: conclusive. */
  readonly unreached: (cause: unknown) => void;
  /** The member took the request and gave no response: conclusive after several in a row. */
  readonly unanswered: (cause: unknown) => void;
  /** Nothing can be concluded, for instance because the client has left. */
  readonly abandoned: () => void;
}

/** The standing of one member. */
export interface Standing {
  /** 0: in rotation, or due for a trial. 1: ejected. 2: down. 3: both. */
  rank(): number;
  /** A request is about to be sent to it. */
  attempt(): Attempt;
  /** A health check passed. */
  passed(): void;
  /** A health check failed. */
  missed(cause: unknown): void;
}

/** The first wait and the longest one, in milliseconds. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/**
 * Requests in a row without a response after which a member is ejected. One visitor may know a slow
 * page; a member that still answers others is not ejected for it.
 */
const MOST_UNANSWERED = 3;

/** In rotation. */
export function createStanding(options: StandingOptions): Standing {
  const ejection = createEjection(options);
  const checked = createChecked(options);
  return {
    rank: () => (checked.isDown() ? 2 : 0) + (ejection.isOut() ? 1 : 0),
    attempt: () => ejection.attempt(),
    passed: () => checked.passed(),
    missed: (cause) => checked.missed(cause),
  };
}

/** What requests show. */
function createEjection({ now, chance, changed }: StandingOptions) {
  let unanswered = 0;
  /** 0 while in rotation. */
  let wait = 0;
  let until = 0;
  let trial: Attempt | null = null;

  const eject = (cause: unknown): void => {
    wait = wait === 0 ? FIRST_WAIT : Math.min(2 * wait, LONGEST_WAIT);
    until = now() + wait * (0.75 + chance() / 2);
    unanswered = 0;
    changed('ejected', cause);
  };

  return {
    isOut: () => wait > 0 && (trial !== null || now() < until),
    attempt(): Attempt {
      const began = wait;
      let isOver = false;
      /** Runs `conclude` for the first report. Failures of requests from before the ejection add nothing. */
      const once = (conclude: () => void): void => {
        if (isOver) return;
        isOver = true;
        const counts = trial === attempt || wait === 0;
        if (trial === attempt) trial = null;
        if (counts) conclude();
      };
      const attempt: Attempt = {
        answered() {
          // What began before the ejection proves nothing: an app that stops answers what it has.
          if (!isOver && began > 0 && wait > 0) {
            wait = 0;
            changed('returned', null);
          }
          once(() => {
            unanswered = 0;
          });
        },
        unreached: (cause) => once(() => eject(cause)),
        unanswered(cause) {
          const isTrial = trial === attempt;
          once(() => {
            unanswered += 1;
            if (isTrial || unanswered >= MOST_UNANSWERED) eject(cause);
          });
        },
        abandoned: () => once(() => undefined),
      };
      if (wait > 0 && trial === null && now() >= until) trial = attempt;
      return attempt;
    },
  };
}

/** What health checks show. */
function createChecked({ checks, changed }: StandingOptions) {
  let isDown = false;
  /** Results in a row that speak against the present state. */
  let against = 0;
  const turn = (most: number, change: Change, cause: unknown): void => {
    against += 1;
    if (against < most) return;
    against = 0;
    isDown = change === 'down';
    changed(change, cause);
  };
  return {
    isDown: () => isDown,
    passed() {
      if (isDown) turn(checks?.passes ?? 1, 'up', null);
      else against = 0;
    },
    missed(cause: unknown) {
      if (isDown) against = 0;
      else turn(checks?.fails ?? 1, 'down', cause);
    },
  };
}

/** Every interval of the redis store, in milliseconds, so that tests own them. */

/** Milliseconds. */
export interface RedisTiming {
  /** How long the first connection may take before the start fails. */
  readonly start: number;
  /** How long a command may take before it is a fault. */
  readonly command: number;
  /** How long one attempt to connect may take. */
  readonly connect: number;
  /** A data connection that received nothing for this long is replaced. */
  readonly socket: number;
  /** First and longest pause between attempts to connect. */
  readonly backoff: { readonly first: number; readonly longest: number };
  /** Between two heartbeats through both connections. */
  readonly beat: number;
  /** After this long without a heartbeat, nothing cached is believed. */
  readonly silence: number;
  /** Between two rounds that remove idle sessions. */
  readonly sweep: number;
}

export const REDIS_TIMING: RedisTiming = {
  start: 5_000,
  command: 1_500,
  connect: 2_000,
  socket: 5_000,
  backoff: { first: 50, longest: 1_000 },
  beat: 500,
  silence: 2_000,
  sweep: 60_000,
};

/** Pause before attempt `times` (from 1), doubled each time, with up to half of it at random off. */
export function backoff(timing: RedisTiming, times: number, random: () => number): number {
  const { first, longest } = timing.backoff;
  const full = Math.min(first * 2 ** Math.min(times - 1, 20), longest);
  return Math.ceil(full * (1 - random() / 2));
}

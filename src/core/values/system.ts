/** What the core asks of the system: time, randomness, counters, single use and sealing. Promises reject with a Problem. */

/** Time, injected so that tests own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Randomness from the system's generator, injected so that tests own it. */
export interface Random {
  /** `bytes` random bytes as base64url. */
  token(bytes: number): string;
}

/** Single use, atomic: TOTP steps, codes, links, challenges. */
export interface Marks {
  /** Takes a mark: true for the first taker only, on every instance. Kept until `until`, epoch milliseconds. */
  take(key: string, until: number): Promise<boolean>;
}

/** How many refused answers are free, and how waits grow. Milliseconds. */
export interface ThrottleRule {
  /** Tries within `window` before the first wait. */
  readonly free: number;
  /** First wait; doubled with each further try. */
  readonly wait: number;
  readonly longest: number;
  /** Quiet time after which all is forgotten. */
  readonly window: number;
}

/** Counts tries per key. A try is taken before it is judged, so that races cannot slip past. */
export interface Throttle {
  /** Takes one try. Not allowed: `retryAt` says when, and nothing was counted. */
  take(
    key: string,
    rule: ThrottleRule,
    now: number,
  ): Promise<{ readonly allowed: boolean; readonly retryAt: number }>;
  /** Gives one try back (it was right), or forgets the key altogether. */
  release(key: string, how: 'one' | 'all'): Promise<void>;
}

/** Seals what stores keep. Keys are derived from the server's secrets: the first seals, all open. */
export interface Vault {
  /** Encrypts under a purpose and a caller's secret (`''` for none). */
  seal(purpose: string, secret: string, plain: string): Uint8Array;
  /** Null for anything that was not sealed so. Never throws. */
  open(purpose: string, secret: string, sealed: Uint8Array): string | null;
  /** One-way name of something, base64url, 128 bit: store keys, session ids. Not keyed, so independent of rotation. */
  name(purpose: string, value: string): string;
  /** Constant-time proof of values bound together; `verify` tries all secrets. */
  sign(purpose: string, value: string): string;
  verify(purpose: string, value: string, signature: string): boolean;
}

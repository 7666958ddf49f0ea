/**
 * What the core needs from the system: time, randomness, single use, throttling and encryption.
 * Promises reject with a Problem.
 */

/** The current time. Injected, so that tests control it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Random values from the system's generator. Injected, so that tests control them. */
export interface Random {
  /** `bytes` random bytes as base64url. */
  token(bytes: number): string;
}

/** Atomic single use, for TOTP steps, codes, links and challenges. */
export interface Marks {
  /**
   * Takes a mark. Returns true for the first caller only, across all instances. The mark is stored
   * until `until`, in epoch milliseconds.
   */
  take(key: string, until: number): Promise<boolean>;
}

/** How many failed tries are free, and how waits grow. Times are milliseconds. */
export interface ThrottleRule {
  /** Tries within `window` before the first wait. */
  readonly free: number;
  /** The first wait. Each further try doubles it. */
  readonly wait: number;
  readonly longest: number;
  /** Time without tries after which the count is reset. */
  readonly window: number;
}

/**
 * Counts tries per key. A try is taken before it is checked, so that parallel tries cannot bypass
 * the limit.
 */
export interface Throttle {
  /**
   * Takes one try. If it is not allowed, nothing is counted and `retryAt` is the earliest time for
   * the next.
   */
  take(
    key: string,
    rule: ThrottleRule,
    now: number,
  ): Promise<{ readonly allowed: boolean; readonly retryAt: number }>;
  /** Returns one try after a correct answer, or resets the key. */
  release(key: string, how: 'one' | 'all'): Promise<void>;
}

/**
 * Encrypts what stores contain. Keys are derived from the server's secrets: the first secret
 * encrypts, and all of them decrypt.
 */
export interface Vault {
  /** Encrypts for a purpose and a caller's secret (`''` for none). */
  seal(purpose: string, secret: string, plain: string): Uint8Array;
  /** Decrypts. Null for anything not sealed with this purpose and secret. Never throws. */
  open(purpose: string, secret: string, sealed: Uint8Array): string | null;
  /**
   * One-way name of a value, 128 bits as base64url, for store keys and session ids. It has no key,
   * so rotating secrets does not change it.
   */
  name(purpose: string, value: string): string;
  /**
   * Keyed one-way name of a value, for the memory of this process alone: it differs after a restart.
   * Costs a quarter of `sign`.
   */
  memoryName(purpose: string, value: string): string;
  /** Signs a value for a purpose. `verify` tries all secrets and compares in constant time. */
  sign(purpose: string, value: string): string;
  verify(purpose: string, value: string, signature: string): boolean;
}

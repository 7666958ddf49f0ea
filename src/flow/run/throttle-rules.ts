/** Limits on attempts that flows count. */
import type { ThrottleRule } from '../../core/values/system.ts';

export interface ThrottleRules {
  /** Attempts at one account's secrets. */
  readonly account: ThrottleRule;
  /** Attempts from one address. */
  readonly address: ThrottleRule;
  /** First POSTs of flows from one address; each one stores a plan. */
  readonly start: ThrottleRule;
  /** Emails to one recipient. Emails over the limit are dropped silently: a refusal would reveal which accounts exist. */
  readonly email: ThrottleRule;
}

const MINUTE = 60_000;

/** The limits unless the configuration sets others. */
export const DEFAULT_RULES: ThrottleRules = {
  account: { free: 5, wait: MINUTE / 2, longest: 15 * MINUTE, window: 60 * MINUTE },
  address: { free: 30, wait: MINUTE / 2, longest: 15 * MINUTE, window: 60 * MINUTE },
  start: { free: 300, wait: 1_000, longest: MINUTE, window: 10 * MINUTE },
  email: { free: 5, wait: 2 * MINUTE, longest: 60 * MINUTE, window: 60 * MINUTE },
};

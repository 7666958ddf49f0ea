/**
 * Credentials that were checked in vain, and the addresses that sent too many of them. For what cannot be
 * guessed: the same one again reveals nothing and is no further try. Keys are what a reader remembers by.
 */
import { LRUCache } from 'lru-cache';
import type { Rejected } from '../../core/access/visitors.ts';
import { addressBlock } from '../../core/request/address-block.ts';
import type { Clock, Throttle, ThrottleRule } from '../../core/values/system.ts';

/** What counting needs. */
export interface RefusalParts {
  readonly throttle: Throttle;
  /** For different credentials from one address. */
  readonly rule: ThrottleRule;
  readonly clock: Clock;
}

/** The refusals of one reader. */
export interface Refusals {
  /** Why a credential is refused without a check, or null. */
  refusal(key: string, clientIp: string): Rejected | null;
  /** Counts one that was checked in vain, and returns how it is refused. */
  count(key: string, clientIp: string, why: Rejected): Promise<Rejected>;
  /** One that was good is never refused for its address. */
  except(key: string): void;
  /** Any of them may be good now. */
  forget(): void;
}

/** Credentials and addresses that are remembered: a program with an old token repeats it forever. */
const MOST = 1_000;

/** A credential that was refused. */
interface Refused {
  readonly why: Rejected;
  /** Epoch milliseconds from which it is checked again. */
  readonly until: number;
}

/** Nothing refused yet. A refusal is repeated without a check for `repeatedFor` milliseconds. */
export function createRefusals(
  { throttle, rule, clock }: RefusalParts,
  repeatedFor: number,
): Refusals {
  const refused = new LRUCache<string, Refused>({ max: MOST });
  /** Once good: credentials in use are checked again after changes, whatever else their address sends. */
  const genuine = new LRUCache<string, true>({ max: MOST });
  const addresses = new LRUCache<string, number>({ max: MOST });
  return {
    refusal(key, clientIp) {
      const now = clock.now();
      const known = refused.get(key);
      if (known !== undefined && now < known.until) return known.why;
      if (genuine.has(key)) return null;
      const retryAt = addresses.get(addressBlock(clientIp));
      if (retryAt === undefined || now >= retryAt) return null;
      return { rejected: 'token/throttled', retryAt };
    },
    async count(key, clientIp, why) {
      genuine.delete(key);
      const now = clock.now();
      const isKnown = refused.has(key);
      refused.set(key, { why, until: now + repeatedFor });
      // Requests that shared a check count once.
      if (isKnown) return why;
      const block = addressBlock(clientIp);
      const { allowed, retryAt } = await throttle.take(`token:${block}`, rule, now);
      if (allowed) return why;
      addresses.set(block, retryAt);
      return { rejected: 'token/throttled', retryAt };
    },
    except: (key) => void genuine.set(key, true),
    forget: () => refused.clear(),
  };
}

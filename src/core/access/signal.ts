/**
 * Signals: external data that some policies need. Gathered only for routes, flows and stages that
 * bind a policy that needs them, each within its deadline. If a signal is missing, late or broken,
 * the policy fails.
 */
import type { ZodType } from 'zod';
import type { AccountReader } from '../people/account.ts';
import type { Directory } from '../people/directory.ts';
import type { Passwords } from '../people/password.ts';
import type { Atlas } from '../people/place.ts';
import type { Scores } from '../people/score.ts';
import type { Subject } from '../people/subject.ts';
import type { Json } from '../values/json.ts';
import type { Clock } from '../values/system.ts';
import type { EventSink } from './event.ts';
import type { PolicyInput, SignalName, Signals } from '../policy/policy.ts';

/** What a signal is gathered for. */
export interface SignalQuery extends Omit<PolicyInput, 'signals'> {
  /**
   * One-way name of the browser's device cookie, or of the cookie in which the session began; null
   * if there is none.
   */
  readonly device: string | null;
  /**
   * The user the run is about, even if no account has that name. On a route, and before a flow has
   * a subject, this is the signed-in user.
   */
  readonly subject: Subject | null;
}

/**
 * Gathers named signals. Never rejects: a signal that it cannot provide is left out, so the policy
 * fails.
 */
export interface SignalSource {
  (names: readonly SignalName[], query: SignalQuery): Promise<Signals>;
  /** Prepares these signals ahead of a submission whose policies need them. Returns at once. */
  readonly warm?: (names: readonly SignalName[]) => void;
}

/** What signals may use. */
export interface SignalTools {
  readonly clock: Clock;
  readonly accounts: AccountReader;
  readonly stores: { readonly scores: Scores };
  readonly passwords: Pick<Passwords, 'verify'>;
  /** All directories combined; null where no password is ever checked. */
  readonly directories: Pick<Directory, 'verifyPassword'> | null;
  readonly events: EventSink;
  /**
   * Locates addresses, through a signal kind that comes earlier in the list; null if there is none.
   */
  readonly atlas: Atlas | null;
}

/** An open signal. */
export interface Signal {
  /**
   * Returns the value, or undefined if there is none. `bound` is the part after the colon of the
   * signal's name, or null. A rejection or a late value counts as no value. `deadline` is aborted
   * when time is up.
   */
  gather(
    query: SignalQuery,
    bound: string | null,
    deadline: AbortSignal,
  ): Json | undefined | Promise<Json | undefined>;
  /** Prepares slow resources ahead of `gather`. Returns at once. */
  warm?(): void;
  close(): Promise<void>;
  /** What a kind with `locates` provides to the others. */
  readonly atlas?: Atlas;
}

/** A kind of signal: its options under `signals.NAME`, and how it is opened. */
export interface SignalKind<C = unknown> {
  /** Its name in policies and in `signals`, and the name of its folder. */
  readonly name: string;
  /**
   * Options; strict. If nothing is configured, `{}` is parsed. A kind that rejects `{}` is
   * unavailable then, and a policy that needs it is a fault with this schema's message.
   */
  readonly config: ZodType<C>;
  /** Milliseconds. */
  readonly deadline: number;
  /** Whether it locates addresses, so that sessions can be bound to a country. */
  readonly locates?: boolean;
  /** Rejects with a Problem that names the remedy. */
  open(config: C, tools: SignalTools): Promise<Signal>;
  /** For `check`: reads what `open` would read and rejects as it would. */
  inspect?(config: C): Promise<void>;
}

/** Infers the type of a signal's options for its `open` function. */
export function defineSignal<C>(kind: SignalKind<C>): SignalKind<C> {
  return kind;
}

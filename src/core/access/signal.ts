/**
 * Signals: data from outside that some policies need. Gathered only for routes, flows and stages that
 * bind such a policy, each within its deadline; what is missing, late or broken is a no.
 */
import type { ZodType } from 'zod';
import type { AccountReader } from '../people/account.ts';
import type { Json } from '../values/json.ts';
import type { Atlas } from '../people/place.ts';
import type { Subject } from '../people/subject.ts';
import type { PolicyInput, SignalName, Signals } from './policy.ts';
import type { Clock } from '../values/system.ts';
import type { Directory } from '../people/directory.ts';
import type { EventSink } from './event.ts';
import type { Passwords } from '../people/password.ts';
import type { Scores } from '../people/score.ts';

/** What a signal is gathered for. */
export interface SignalQuery extends Omit<PolicyInput, 'signals'> {
  /** One-way name of the browser's device cookie, or of the one the session began in; or null. */
  readonly device: string | null;
  /** Who is meant, also where nobody is called so; on a route and before anybody is meant, whoever is signed in. */
  readonly subject: Subject | null;
}

/** Gathers named signals. Never rejects: a name it cannot serve is left out, which is a no. */
export interface SignalSource {
  (names: readonly SignalName[], query: SignalQuery): Promise<Signals>;
  /** Makes ready what these need, ahead of an answer that they will judge; returns at once. */
  readonly warm?: (names: readonly SignalName[]) => void;
}

/** What signals may use of the house. */
export interface SignalTools {
  readonly clock: Clock;
  readonly accounts: AccountReader;
  readonly stores: { readonly scores: Scores };
  readonly passwords: Pick<Passwords, 'verify'>;
  /** All of them as one; null where nobody's password is ever judged. */
  readonly directories: Pick<Directory, 'verifyPassword'> | null;
  readonly events: EventSink;
  /** Where addresses are, of a kind that stands before this one; null: nobody knows. */
  readonly atlas: Atlas | null;
}

/** A signal that is open. */
export interface Signal {
  /**
   * The value, or undefined for none; `bound` is what stands behind the colon of its name, or null.
   * May reject, and may be late: both are as if there were none. `deadline` is aborted when it is.
   */
  gather(
    query: SignalQuery,
    bound: string | null,
    deadline: AbortSignal,
  ): Json | undefined | Promise<Json | undefined>;
  /** Makes ready what is slow to start, ahead of `gather`; returns at once. */
  warm?(): void;
  close(): Promise<void>;
  /** What a kind that locates gives to others. */
  readonly atlas?: Atlas;
}

/** A kind of signal: its options under `signals.NAME`, and how it is opened. */
export interface SignalKind<C = unknown> {
  /** Its name in policies and in `signals`, and the folder's. */
  readonly name: string;
  /**
   * Options; strict. Where nothing is configured `{}` is parsed: a kind that does not take it
   * cannot be used then, and a policy that needs it is a fault with the words of this schema.
   */
  readonly config: ZodType<C>;
  /** Milliseconds. */
  readonly deadline: number;
  /** It knows where addresses are: sessions can be bound to a country by it. */
  readonly locates?: boolean;
  /** Rejects with a Problem that names the remedy. */
  open(config: C, tools: SignalTools): Promise<Signal>;
  /** For `check`, as that of directories: reads what opening would read; rejects as it would. */
  inspect?(config: C): Promise<void>;
}

/** Ties a signal's options to its opening. */
export function defineSignal<C>(kind: SignalKind<C>): SignalKind<C> {
  return kind;
}

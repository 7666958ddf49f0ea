/** What the flow engine is given by compose.ts. It opens nothing by itself. */
import type { HashingFor } from '../../core/people/hashing-origin.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Body } from '../../core/request/dialect.ts';
import type { OutgoingEmail } from '../../core/flow/mail.ts';
import type { Message, OwnTexts } from '../../core/values/message.ts';
import type { Clock, Random, ThrottleRule, Vault } from '../../core/values/system.ts';
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Places } from '../../core/people/place.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Tickets } from '../../core/people/session.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { AnyStage, StagePorts } from '../../core/flow/stage.ts';
import type { Visitors } from '../../core/access/visitors.ts';
import type { FlowPageView, NoticePageView } from '../../pages/views.ts';

/** How often what may be tried. */
export interface ThrottleRules {
  readonly account: ThrottleRule;
  readonly address: ThrottleRule;
  /** First POSTs of flows by address; each one stores a plan. */
  readonly start: ThrottleRule;
  /** Emails to one address; those beyond are not sent, and nobody is told (that would tell who exists). */
  readonly email: ThrottleRule;
}

const MINUTE = 60_000;

/** Used unless the configuration says otherwise. */
export const DEFAULT_RULES: ThrottleRules = {
  account: { free: 5, wait: MINUTE / 2, longest: 15 * MINUTE, window: 60 * MINUTE },
  address: { free: 30, wait: MINUTE / 2, longest: 15 * MINUTE, window: 60 * MINUTE },
  start: { free: 300, wait: 1_000, longest: MINUTE, window: 10 * MINUTE },
  email: { free: 5, wait: 2 * MINUTE, longest: 60 * MINUTE, window: 60 * MINUTE },
};

/** The pages and words that flows need of pages/. */
interface FlowPages {
  flowPage(view: FlowPageView): Body;
  noticePage(view: NoticePageView): Body;
  say(message: Message, language: string | null, own?: OwnTexts): string;
}

/**
 * Takes emails over. Must not wait for the mail server: who exists could be told by the time it
 * takes. Rejects with a Problem when it cannot even take it.
 */
interface Outbox {
  /** Whether mail is configured at all. */
  readonly isReady: boolean;
  send(email: OutgoingEmail): Promise<void>;
}

/** Everything outside. */
export interface FlowDeps {
  readonly live: Live;
  readonly stores: Pick<Stores, 'sessions' | 'plans' | 'throttle' | 'scores'>;
  readonly visitors: Visitors;
  readonly vault: Vault;
  readonly tickets: Tickets;
  readonly random: Random;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly directories: Directory;
  /** Where users are created and changed; null when no directory can be written. */
  readonly users: WritableDirectory | null;
  readonly accounts: Accounts;
  readonly outbox: Outbox;
  /** Tells the hashing line for whom a task hashes. */
  readonly hashingFor: HashingFor;
  /** Data from outside, for policies that need it. */
  readonly signals: SignalSource;
  /** Left out: sessions that shall be bound to a country are bound to their network. */
  readonly places?: Places | undefined;
  /** All kinds of stages, for those that others put in. */
  readonly stages: readonly AnyStage[];
  readonly ports: StagePorts;
  readonly pages: FlowPages;
  readonly rules?: ThrottleRules;
}

/** What the HTTP layer hands over with each portal request. */
export interface FlowEnv {
  readonly Bindings: { readonly facts: RequestFacts; readonly requestId: string };
}

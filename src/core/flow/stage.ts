/**
 * A stage is one verification or logic step of a flow. It queries through the few ports
 * it names and commands through effects; it never knows the next stage and never writes.
 */
import type { ZodType } from 'zod';
import type { RequestFacts } from '../request/facts.ts';
import type { Json } from '../values/json.ts';
import type { Message, Texts, Words } from '../values/message.ts';
import type { Subject } from '../people/subject.ts';
import type { AccountReader } from '../people/account.ts';
import type { Challenge } from './challenge.ts';
import type { Effect } from './effect.ts';
import type { Passkeys } from '../people/passkey.ts';
import type { PasskeySite } from '../people/passkey.ts';
import type { Directory } from '../people/directory.ts';
import type { Marks, Random, Vault } from '../values/system.ts';
import type { Passwords } from '../people/password.ts';
import type { SessionStore } from '../people/session-store.ts';
import type { Reason } from '../values/reason.ts';
import type { Method, Proof, Session } from '../people/session.ts';
import type { User } from '../people/user.ts';

/**
 * What is known for certain at some point of a flow; the linker proves order with these. `owner`:
 * whoever runs it is the subject, verified in this run or signed in; it comes with the two before.
 * `prompted`: answers of a prompt or an invitation are there to be written.
 */
export type Claim = 'identified' | 'verified' | 'session' | 'owner' | 'prompted';

/** Ports a stage may query. New ones are added here, and given in compose.ts. */
export interface StagePorts {
  /** All configured directories as one; asked in order. */
  readonly directories: Directory;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly sessions: Pick<SessionStore, 'list'>;
  readonly accounts: AccountReader;
  /** Single use; taken inside `ctx.prove`'s verify, so that of fifty at once one is right. */
  readonly marks: Marks;
  readonly passkeys: Passkeys;
  readonly random: Random;
  /** One-way names for codes and tokens; nothing of a code is ever kept in clear. */
  readonly vault: Pick<Vault, 'name' | 'sign' | 'verify'>;
  /** Asks an outside verifier (captcha) by one POST of a form: bounded in time (5 s) and size (64 KiB). */
  readonly outside: Outside;
}

/** One bounded POST to a URL of the configuration, never of a request. */
export interface Outside {
  /** The JSON answer. Rejects with Problem `outside/unavailable` (503). */
  post(url: string, form: Readonly<Record<string, string>>): Promise<Json>;
}
export type PortName = keyof StagePorts;

/** A stage put in before the one at hand, by type; options as in YAML, parsed again when it is reached. */
export interface Insertion {
  readonly type: string;
  readonly options: Readonly<Record<string, Json>>;
}

/** What a stage answers. */
export type Step =
  | {
      readonly kind: 'ask';
      readonly challenge: Challenge;
      /** Present: the answer was refused, for this reason. */
      readonly reason?: Reason;
      /** The refusal in words for the page. */
      readonly refusal?: Message;
      /** What policies had against the answer, each by itself. */
      readonly reasons?: readonly AnswerRefusal[];
      /** Epoch milliseconds at which a repeat may work; pages give the refusal its `{minutes}`. */
      readonly retryAt?: number;
      /** Remembered with the question: that an email went out, which challenge was given. */
      readonly learned?: Readonly<Record<string, Json>>;
      /** Done once, when the question is first put (an email): never on a mere look. */
      readonly effects?: readonly Effect[];
    }
  | {
      readonly kind: 'pass';
      /** Who is meant; only from a stage that gives `identified`. */
      readonly identified?: Subject;
      /** The method just proved through `ctx.prove`; only from a stage that gives `verified`. */
      readonly proved?: Method;
      readonly learned?: Readonly<Record<string, Json>>;
      readonly effects?: readonly Effect[];
    }
  /** Run these first, then come back here (`not_configured: configure`). Bounded: once per plan and type. */
  | {
      readonly kind: 'insert';
      readonly stages: readonly Insertion[];
      readonly learned?: Readonly<Record<string, Json>>;
    }
  /** To another place; the plan stays at this stage. The URL has been checked by the linker or by return-to. */
  | {
      readonly kind: 'leave';
      readonly to: string;
      /** Remembered for when they come back. News of it take a click first: nobody is sent off by a mere look then. */
      readonly learned?: Readonly<Record<string, Json>>;
    }
  | { readonly kind: 'stop'; readonly reason: Reason; readonly text: Message };

/** What one attempt to prove somebody came to. */
export type ProofResult =
  | { readonly result: 'right' }
  | { readonly result: 'wrong' }
  /** Too much hashing at once; nothing was counted. */
  | { readonly result: 'busy' }
  /** Too many tries; `retryAt` in epoch milliseconds. The secret was not looked at. */
  | { readonly result: 'throttled'; readonly retryAt: number }
  /** Too many wrong second factors: these are off for this user until that is lifted. The secret was not looked at. */
  | { readonly result: 'locked' };

/** A no about an answer. */
export interface AnswerRefusal {
  /** The field it is about; null: all of them. */
  readonly field: string | null;
  readonly reason: Reason;
  /** The reason for people. */
  readonly words: Message;
}

/** What a stage sees. */
export interface StageContext<C, N extends PortName = PortName> {
  readonly config: C;
  readonly flow: { readonly name: string; readonly title: Words };
  /** This run, for links (see link.ts) and for what is bound to it. */
  readonly planId: string;
  /** The binding's id, unique in its flow; `<base>.<type>` for a stage that was put in. */
  readonly stageId: string;
  /** The app that sent the person here, by its route's id, or null. */
  readonly app: { readonly id: string; readonly title: string; readonly host: string } | null;
  readonly facts: RequestFacts;
  /** Who is meant so far; `userId` is null for a name nobody has. */
  readonly subject: Subject | null;
  /**
   * The subject as the directory knows it, or null; before anybody is meant, whoever is signed
   * in. A subject is not to be shown before it is verified.
   */
  readonly user: User | null;
  readonly session: Session | null;
  /** Methods proved in this very run, for the subject at hand. */
  readonly proofs: readonly Proof[];
  readonly learned: Readonly<Record<string, Json>>;
  /** The portal: its origin, its name, the relying party ids of passkeys. */
  readonly site: PasskeySite & { readonly origin: string; readonly name: string };
  /** One-way name of the browser's device cookie, or null: `AccountReader.devices`. */
  readonly device: string | null;
  /** What was typed at the last sign-in from this browser, where it was to be kept; else null. */
  readonly username: string | null;
  /**
   * Unpredictable, of this plan as it stands: the same each time its page is shown, another with
   * every write. The challenge of a passkey, which need not be kept then; base64url, 256 bit.
   */
  readonly nonce: string;
  /** When the plan ends; nothing given out in it is good for longer. Epoch milliseconds. */
  readonly expiresAt: number;
  readonly ports: Pick<StagePorts, N>;
  /** Epoch milliseconds. */
  readonly now: number;
  /**
   * The one way to check a secret: takes a try by account, by address and by method, calls
   * `verify`, gives the try back when it was right, tells the event. No stage counts by itself.
   */
  readonly prove: (
    method: Method,
    subject: Subject,
    verify: () => Promise<'right' | 'wrong' | 'busy'>,
  ) => Promise<ProofResult>;
  /**
   * Judges answers by the policies of the option that the stage names in `judges`: every no, with
   * the field it is about (null: the whole). `answers` may hold passwords in clear; nothing is kept.
   */
  readonly judge: (answers: Readonly<Record<string, Json>>) => Promise<readonly AnswerRefusal[]>;
  /** An URL of the portal or of a route, re-serialised; null for any other. */
  readonly checkReturnTo: (url: string) => string | null;
}

/** A kind of stage. */
export interface Stage<C = unknown, A = unknown, N extends PortName = PortName> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without the binding's own keys; strict. */
  readonly config: ZodType<C>;
  /** The answer's shape; bounded in every string. Null: this stage is never answered. */
  readonly answer: ZodType<A> | null;
  /** The answer's shape where the options say what is asked: strict, and narrower than `answer`. */
  answerTo?(config: C): ZodType<A>;
  readonly uses: readonly N[];
  /** What must be certain before, and is certain after it passed, under these options. */
  claims(config: C): {
    readonly wants: readonly Claim[];
    readonly gives: readonly Claim[];
    /** It may prove somebody although it need not; nothing is certain by it. */
    readonly mayProve?: boolean;
  };
  /**
   * Stages it may put in before itself, with options of each: the linker proves that what they want
   * is certain there, and the executor takes no others. None when left out.
   */
  inserts?(config: C): readonly Insertion[];
  /** Names of flows that it sends people to; `check` follows them. None when left out. */
  jumpsTo?(config: C): readonly string[];
  /** Flows that it shows a link to, with the option that names each; `check` wants them to be there. */
  linksTo?(config: C): readonly { readonly flow: string; readonly option: string }[];
  /** Directories that it asks by name, by option; `check` wants them to be there. All when left out. */
  asksDirectories?(
    config: C,
  ): { readonly names: readonly string[]; readonly option: string } | null;
  /** The option by which it needs to know the countries of addresses, or null; `check` then wants a database. */
  needsPlaces?(config: C): string | null;
  /** Permissions that whoever passes it has given to the app; null: it keeps none. None when left out. */
  permissions?(config: C): readonly string[] | null;
  /** Whether no user passes it without a second factor beside a password. No when left out. */
  demandsFactor?(config: C): boolean;
  /**
   * Whether it asks anything under these options; where left out, it does when it takes answers.
   * `sometimes`: what the user has or has done decides whether this stage, or one after it, is passed
   * over without a question. The flow's steps are then not numbered.
   */
  asks?(config: C): boolean | 'sometimes';
  /**
   * What it finds right was given to its owner just now (a new app, a new passkey): such tries are
   * counted apart, and give none back to whoever guesses at what was there before.
   */
  readonly setsUp?: boolean;
  /** An option that lists policies by which its answers are judged, and the fields they may be about; none when left out. */
  judges?(config: C): { readonly option: string; readonly fields: readonly string[] } | null;
  /** It never passes: without policies, nothing behind it is ever reached. */
  readonly ends?: boolean;
  /** Options that hold secrets: nobody is shown them. None when left out. */
  readonly hides?: readonly string[];
  /** It mails links and takes `{ link: TOKEN }` for an answer; see link.ts. */
  readonly redeemsLinks?: boolean;
  /** Whether it may send an email under these options; `check` then wants a mailer. Never when left out. */
  mails?(config: C): boolean;
  /** URLs it may send people to, for the page's form-action and for `check`; none when left out. */
  leadsTo?(config: C): readonly string[];
  /** Its words. Keys begin with the type: `password.title`. */
  readonly texts: Texts;
  /** Shows the challenge, or passes by itself. Must not write; may be called any number of times. */
  open(ctx: StageContext<C, N>): Promise<Step>;
  /** Judges an answer of the shape above. */
  submit(ctx: StageContext<C, N>, answer: A): Promise<Step>;
}

/** Ties a stage's options, answer and ports together. */
export function defineStage<C, A, N extends PortName>(stage: Stage<C, A, N>): Stage<C, A, N> {
  return stage;
}

/** A stage of any options, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; defineStage checked each entry
export type AnyStage = Stage<any, any, any>;

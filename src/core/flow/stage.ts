/**
 * A stage is one verification or logic step of a flow. It queries through the few ports it names and
 * orders effects; it never knows the next stage and never writes.
 */
import type { ZodType } from 'zod';
import type { AccountReader } from '../people/account.ts';
import type { Directory, UserChanges } from '../people/directory.ts';
import type { PasskeySite, Passkeys } from '../people/passkey.ts';
import type { Passwords } from '../people/password.ts';
import type { Method, Proof, Session } from '../people/session.ts';
import type { SessionStore } from '../people/session-store.ts';
import type { Subject } from '../people/subject.ts';
import type { TokenApp, TokenStore } from '../people/token.ts';
import type { User } from '../people/user.ts';
import type { RequestFacts } from '../request/facts.ts';
import type { SourceLinks } from '../sources/source-link.ts';
import type { SourceNames, SourceRule, Sources } from '../sources/source-rule.ts';
import type { SourceProfile } from '../sources/source.ts';
import type { Json } from '../values/json.ts';
import type { Message, Texts, Words } from '../values/message.ts';
import type { NetworkCause } from '../values/network-cause.ts';
import type { Reason } from '../values/reason.ts';
import type { Marks, Random, Vault } from '../values/system.ts';
import type { Challenge } from './challenge.ts';
import type { Effect } from './effect.ts';

/**
 * What is certain at some point of a flow; the linker proves the order of stages with these. `owner`:
 * the user is the subject, verified in this run or signed in; it follows from the two before.
 * `prompted`: values of a prompt or an invitation are there to be written. `applicant`: the user is a
 * new one with an address that is not verified yet. `newcomer`: a source has vouched for an account that
 * has no user yet.
 */
export type Claim =
  | 'identified'
  | 'verified'
  | 'session'
  | 'owner'
  | 'prompted'
  | 'applicant'
  | 'newcomer';

/** Ports a stage may query. A new one is added here and provided in compose.ts. */
export interface StagePorts {
  /** All configured directories as one, queried in order. */
  readonly directories: Directory;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly sessions: Pick<SessionStore, 'list'>;
  readonly accounts: AccountReader;
  /** Single-use marks; taken inside `ctx.prove`'s verify, so that only one of many concurrent tries succeeds. */
  readonly marks: Marks;
  readonly passkeys: Passkeys;
  readonly random: Random;
  /** One-way names for codes and tokens; codes are never stored in clear. */
  readonly vault: Pick<Vault, 'name' | 'sign' | 'verify'>;
  /** Queries an outside verifier (captcha) with one form POST, bounded in time (5 s) and size (64 KiB). */
  readonly outside: Outside;
  /** Providers that users sign in with. */
  readonly sources: Sources;
  readonly links: Pick<SourceLinks, 'sourceLink' | 'sourceLinks'>;
  readonly users: NewUsers;
  readonly tokens: Pick<TokenStore, 'tokens'>;
  readonly apps: TokenApps;
}

/** The apps that users may name in tokens of their own. */
interface TokenApps {
  /** Apps that accept tokens and whose front page is open to the visitor, at most `limit`, by title. */
  openTo(
    visitor: { readonly user: User; readonly session: Session },
    facts: RequestFacts,
    limit: number,
  ): Promise<readonly TokenApp[]>;
  /** Titles of the routes with these ids; the id where there is no such route any more. */
  titles(ids: readonly string[]): readonly string[];
}

/** What stages may ask about users that a flow creates or renames. */
interface NewUsers {
  /** Name of the directory that they are created in; null if none is writable. */
  readonly directory: string | null;
  /**
   * Rejects with the Problem for which these changes would be refused, to the user with this id or
   * (null) to a new one: `user/exists`, `user/name`, `user/name-alike`, `user/read-only`.
   */
  check(changes: UserChanges, id: string | null): Promise<void>;
}

/** One bounded POST to a URL from the configuration, never from a request. */
export interface Outside {
  /** The JSON response. Rejects with Problem `outside/unavailable` (503). */
  post(url: string, form: Readonly<Record<string, string>>): Promise<Json>;
}
export type PortName = keyof StagePorts;

/** A stage inserted before the current one, by type; options as in YAML, parsed when it is reached. */
export interface Insertion {
  readonly type: string;
  readonly options: Readonly<Record<string, Json>>;
}

/**
 * How the URL of a `leave` step is checked when it is used. `return-to`: it must be a URL of the portal or
 * of a route. A source: it must have one of the source's origins.
 */
type LeaveVia = 'return-to' | { readonly source: string };

/** Where a stage sends the user. */
export interface Leave {
  readonly to: string;
  readonly via: LeaveVia;
}

/** What a stage returns. */
export type Step =
  | {
      readonly kind: 'ask';
      readonly challenge: Challenge;
      /** Present if the submission was rejected, for this reason. */
      readonly reason?: Reason;
      /** The rejection as a text for the page. */
      readonly rejection?: Message;
      /** Every rejection by a policy. */
      readonly reasons?: readonly Rejection[];
      /** Epoch milliseconds at which another attempt is allowed; pages show it as `{minutes}`. */
      readonly retryAt?: number;
      /** Stored with the challenge: that an email was sent, which challenge was given. */
      readonly learned?: Readonly<Record<string, Json>>;
      /** Carried out once, when the challenge is first shown (an email), never when a page is merely looked at. */
      readonly effects?: readonly Effect[];
    }
  | {
      readonly kind: 'pass';
      /** The subject; only from a stage that gives `identified`. */
      readonly identified?: Subject;
      /** The method or methods just proved through `ctx.prove`; only from a stage that gives `verified`. */
      readonly proved?: Method | readonly Method[];
      readonly learned?: Readonly<Record<string, Json>>;
      readonly effects?: readonly Effect[];
    }
  /** Run these first, then return here (`not_configured: configure`). Bounded: once per plan and type. */
  | {
      readonly kind: 'insert';
      readonly stages: readonly Insertion[];
      readonly learned?: Readonly<Record<string, Json>>;
    }
  /** Sends the user elsewhere; the plan stays at this stage. */
  | ({
      readonly kind: 'leave';
      /** Stored for their return. If it is new, the user must click first: looking at a page stores nothing. */
      readonly learned?: Readonly<Record<string, Json>>;
    } & Leave)
  /**
   * The effects are carried out now, and the stage gets an empty submission on what they have changed:
   * later stages then see the groups that a source has just reported. At most once per submission.
   */
  | {
      readonly kind: 'again';
      /** As for `pass`. */
      readonly identified?: Subject;
      readonly proved?: Method | readonly Method[];
      readonly learned: Readonly<Record<string, Json>>;
      readonly effects: readonly Effect[];
    }
  /**
   * The same run goes on in another flow, which requires a source, about an account that a source has
   * vouched for and that has no user yet. Nothing else of the run is left.
   */
  | {
      readonly kind: 'enter';
      readonly flow: string;
      readonly identified: Subject;
      readonly proved: Method | readonly Method[];
      readonly learned: Readonly<Record<string, Json>>;
    }
  | { readonly kind: 'stop'; readonly reason: Reason; readonly text: Message };

/** How a proof through a source went, for the log and metrics. */
export interface SourceAttempt {
  readonly source: string;
  /** Stable code of the failure; null for a success. */
  readonly code: string | null;
  /** Whether the account has no user yet. Left out: it has. */
  readonly isNew?: boolean;
  /** Codes of the policies that did not admit the account. */
  readonly reasons?: readonly string[];
  /** Why the provider could not be asked, or what is wrong with its answer. */
  readonly cause?: NetworkCause;
}

/** What a check of a secret is for. */
export interface Trial {
  /** False: its result is wrong in any case, and it only has to take as much work. */
  readonly counts: boolean;
}

/** The result of one attempt to prove a user. */
export type ProofResult =
  | { readonly result: 'right' }
  | { readonly result: 'wrong' }
  /** Too much hashing at once; nothing was counted. */
  | { readonly result: 'busy' }
  /** Too many tries; `retryAt` in epoch milliseconds. The secret was not checked. */
  | { readonly result: 'throttled'; readonly retryAt: number }
  /** Too many wrong second factors: they stay off for this user until that is lifted. The secret was not checked. */
  | { readonly result: 'locked' };

/** Why a submission was rejected. */
export interface Rejection {
  /** The field it is about; null: all of them. */
  readonly field: string | null;
  readonly reason: Reason;
  /** The reason as a text for users. */
  readonly words: Message;
}

/** What a stage sees. */
export interface StageContext<C, N extends PortName = PortName> {
  readonly config: C;
  readonly flow: {
    readonly name: string;
    readonly title: Words;
    /** Whether a later stage of the flow verifies the addresses of new users (`Stage.enables`). */
    readonly enables: boolean;
  };
  /** Id of this run, for links (see link.ts) and for anything bound to the run. */
  readonly planId: string;
  /** The binding's id, unique in its flow; `<base>.<type>` for an inserted stage. */
  readonly stageId: string;
  /** The app that sent the user here, by its route's id, or null. */
  readonly app: { readonly id: string; readonly title: string; readonly host: string } | null;
  readonly facts: RequestFacts;
  /** The subject so far; `userId` is null for an unknown name. */
  readonly subject: Subject | null;
  /**
   * The subject as the directory knows it, or null; before a subject is identified, the visitor. A
   * subject must not be shown before it is verified.
   */
  readonly user: User | null;
  readonly session: Session | null;
  /** Methods proved in this very run, for the current subject. */
  readonly proofs: readonly Proof[];
  readonly learned: Readonly<Record<string, Json>>;
  /** The portal: its origin, its name, the relying party ids of passkeys. */
  readonly site: PasskeySite & { readonly origin: string; readonly name: string };
  /** One-way name of the browser's device cookie, or null; see `AccountReader.devices`. */
  readonly device: string | null;
  /** What the last submission of this run ordered to be shown, on this one page; null: nothing. */
  readonly shown: string | null;
  /** The username typed at the last sign-in from this browser, if it was kept; otherwise null. */
  readonly username: string | null;
  /**
   * Unpredictable, and specific to the plan's revision: the same each time a page is shown, different
   * after every write. Serves as a passkey challenge, which then need not be stored. Base64url, 256 bit.
   */
  readonly nonce: string;
  /** When the plan ends, in epoch milliseconds; nothing issued in it is valid for longer. */
  readonly expiresAt: number;
  readonly ports: Pick<StagePorts, N>;
  /** Epoch milliseconds. */
  readonly now: number;
  /**
   * The one way to check a secret: takes a try by account, by address and by method, calls `verify`,
   * returns the try if the secret was right, and emits the event. Stages never count by themselves.
   */
  readonly prove: (
    method: Method,
    subject: Subject,
    verify: (trial: Trial) => Promise<'right' | 'wrong' | 'busy'>,
    about?: SourceAttempt,
  ) => Promise<ProofResult>;
  /** Reports a visit to a source that proved nothing: the user canceled, or the provider did not respond. */
  readonly report: (about: SourceAttempt, result: 'denied' | 'unavailable') => void;
  /** Evaluates the policies of a source on a profile. Returns every reason against it. */
  readonly admit: (rule: SourceRule, profile: SourceProfile) => Promise<readonly Reason[]>;
  /**
   * Evaluates values by the policies of the option named in `submission.policies`. Returns every
   * rejection. `values` may contain passwords in clear; nothing is stored.
   */
  readonly evaluate: (values: Readonly<Record<string, Json>>) => Promise<readonly Rejection[]>;
  /** A URL of the portal or of a route, re-serialized; null for any other. */
  readonly checkReturnTo: (url: string) => string | null;
}

/** What users submit to a stage. */
interface SubmissionKind<C, A> {
  /** The schema of submissions; bounded in every string. */
  readonly shape: ZodType<A>;
  /** The schema if it depends on the options: strict, and narrower than `shape`. */
  shapeFor?(config: C): ZodType<A>;
  /**
   * Whether the stage asks under these options. Left out: it does. `sometimes`: the user's account or
   * history decides whether this stage, or one after it, passes without a challenge; the steps of the
   * flow are then not numbered.
   */
  asks?(config: C): boolean | 'sometimes';
  /** The option that lists policies for submissions, and the fields these may name. Left out: none. */
  policies?(config: C): { readonly option: string; readonly fields: readonly string[] } | null;
}

/** Where a stage may send users. Each member left out: nowhere. */
interface StageLeads<C> {
  /** URLs, for the page's form-action and for `check`. */
  urls?(config: C): readonly string[];
  /** Names of flows that it continues with; `check` follows them. */
  flows?(config: C): readonly string[];
  /** Flows that it links to, with the option that names each; `check` requires that they exist. */
  links?(config: C): readonly { readonly flow: string; readonly option: string }[];
  /** Sources that it sends users to, and the option that names them. */
  sources?(config: C): { readonly names: SourceNames; readonly option: string };
  /** It never passes: unless policies leave it out, no stage after it is reached. */
  readonly isEnd?: boolean;
}

/** What `check` requires of the configuration. Each member left out: nothing. */
interface StageNeeds<C> {
  /** Directories that it queries by name, and the option that names them; null: all of them. */
  directories?(config: C): { readonly names: readonly string[]; readonly option: string } | null;
  /** The option by which it needs the countries of addresses, and so a database; null: none. */
  places?(config: C): string | null;
  /** Whether it may send an email, and so needs a mailer. */
  mailer?(config: C): boolean;
}

/** What is true of every user who passes, for rules outside the flow. */
interface StageAssurances<C> {
  /** Permissions that the user has given to the app; null: it stores none. Left out: none. */
  permissions?(config: C): readonly string[] | null;
  /** Whether the user has used a second factor beside a password. Left out: no. */
  secondFactor?(config: C): boolean;
}

/** A type of stage. */
export interface Stage<C = unknown, A = unknown, N extends PortName = PortName> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without the binding's own keys; strict. */
  readonly config: ZodType<C>;
  /** What users submit; null: it takes no submissions. */
  readonly submission: SubmissionKind<C, A> | null;
  readonly uses: readonly N[];
  /** What must be certain before it, and is certain once it has passed, under these options. */
  claims(config: C): {
    readonly wants: readonly Claim[];
    readonly gives: readonly Claim[];
    /** It may prove the user but need not, so nothing is certain by it. */
    readonly mayProve?: boolean;
    /** It identifies a user only if none is identified, so what was certain before remains. */
    readonly keepsUser?: boolean;
    /** It creates the user of a newcomer, whom the source has verified. */
    readonly admitsNewcomer?: boolean;
  };
  readonly leads?: StageLeads<C>;
  readonly needs?: StageNeeds<C>;
  readonly assures?: StageAssurances<C>;
  /**
   * Stages that it may insert before itself, with the options of each. The linker proves that what they
   * want is certain there, and the executor accepts no others. Left out: none.
   */
  inserts?(config: C): readonly Insertion[];
  /**
   * Secrets that it accepts were given to their owner just now (a new app, a new passkey). Such tries
   * are counted separately and return none to an attacker who guesses at older secrets.
   */
  readonly setsUp?: boolean;
  /** It emails links and accepts `{ link: TOKEN }` as a submission; see link.ts. */
  readonly redeemsLinks?: boolean;
  /**
   * Whether it verifies the address of a new user. The user is created by its success: until then,
   * `user_write` only remembers who is to be created (see sign-up.ts). Left out: no.
   */
  enables?(config: C): boolean;
  /** Effects of submissions after which it asks again, as a list does. Left out: none but emails. */
  readonly acts?: readonly Effect['kind'][];
  /** It sends users to sources, and accepts their answers as `{ back: ANSWER }`; see passage.ts. */
  readonly takesAnswers?: boolean;
  /** Options that contain secrets and are never printed. Left out: none. */
  readonly hides?: readonly string[];
  /** Its texts. Keys begin with the type: `password.title`. */
  readonly texts: Texts;
  /** Shows the challenge, or passes by itself. Must not write; may be called any number of times. */
  open(ctx: StageContext<C, N>): Promise<Step>;
  /** Handles a submission of the shape above. */
  submit(ctx: StageContext<C, N>, submission: A): Promise<Step>;
}

/** Infers the types of a stage's options, submission and ports. */
export function defineStage<C, A, N extends PortName>(stage: Stage<C, A, N>): Stage<C, A, N> {
  return stage;
}

/** A stage of any options, for lists. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; defineStage checked each entry
export type AnyStage = Stage<any, any, any>;

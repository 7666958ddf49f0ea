/** A plan is one browser's run through one flow: plain, versioned JSON, changed only by `advance`. Pure. */

import type { FlowEvent } from '../policy/policy.ts';
import { addProof, type Proof } from '../people/session.ts';
import type { Subject } from '../people/subject.ts';
import { newcomerOf, withNewcomerAlone } from '../sources/newcomer.ts';
import type { Json } from '../values/json.ts';
import type { Message } from '../values/message.ts';
import type { Reason } from '../values/reason.ts';
import type { Field } from './challenge.ts';
import type { Effect } from './effect.ts';
import type { Flow } from './flow.ts';
import type { Insertion, Rejection, Step } from './stage.ts';

/** `running` → `done` or `stopped`. Ended plans are stored until they expire, so that none runs twice. */
type PlanState = 'running' | 'done' | 'stopped';

/** The last rejected submission, shown by the page after the redirect. Removed when a stage passes. */
export interface RejectedSubmission {
  readonly reason: Reason;
  readonly text: Message | null;
  /** Epoch milliseconds at which another attempt is allowed, or null. */
  readonly retryAt: number | null;
  /** Values of open fields and their errors, by field name; never a secret. */
  readonly fields: Readonly<Record<string, { readonly value?: string; readonly error?: Message }>>;
  /** Rejections by policies: only codes and texts. */
  readonly reasons?: readonly Rejection[];
}

/** One run. Times are epoch milliseconds. */
export interface Plan {
  readonly v: 1;
  /** 128 bit, base64url. */
  readonly id: string;
  readonly flow: string;
  /** `Flow.digest` at the start. */
  readonly digest: string;
  /** 0 until it is first stored; increases by one with every write. */
  readonly revision: number;
  /** Index of the current stage; the number of stages once done. */
  readonly cursor: number;
  readonly state: PlanState;
  /** Stages to run before the one at `cursor`, in order; inserted by a stage that needs them first. */
  readonly inserted?: readonly Insertion[];
  /** All insertions since the run (re)started, as `<cursor>:<type>`: each at most once, so that no run loops. */
  readonly insertions?: readonly string[];
  /** One-way name of the browser that runs it. */
  readonly browser: string;
  /** Checked when it is stored and again when it is used; null for the portal. */
  readonly returnTo: string | null;
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly subject: Subject | null;
  /** Methods proved in this very run. */
  readonly proofs: readonly Proof[];
  /** `sessions_valid_from` of the subject at the first proof; a later value invalidates the proofs. */
  readonly validFrom?: number;
  /**
   * The subject's address when a mailed link or code was first proved in this run; with another one, the proofs
   * no longer count. Absent: no such proof, or the run has changed the address itself.
   */
  readonly mailedTo?: string;
  readonly learned: Readonly<Record<string, Json>>;
  /** How the run started, for policies; absent: by a visit. */
  readonly event?: FlowEvent;
  /** Number of rejected submissions so far. */
  readonly refused: number;
  readonly refusal?: RejectedSubmission | null;
  /** Why it stopped, if it did. */
  readonly stopped?: { readonly reason: Reason; readonly text: Message };
  /** The Set-Cookie lines, sealed for this browser, so that a double submit is signed in too. */
  readonly handed?: { readonly sealed: string; readonly until: number };
}

/** The key in `learned` for the one-way name of the run's invitation. */
export const INVITATION_KEY = 'invitation';

/**
 * The key in `learned` for what happens to the typed username: true: this browser keeps it after a
 * session has started; false: a kept one is forgotten; absent: neither.
 */
export const USERNAME_KEY = 'username';

/** How long a run may take, in milliseconds. */
export const PLAN_LIFETIME = 30 * 60_000;

/** A fresh plan, not stored yet. */
export function createPlan(
  flow: Flow,
  start: { id: string; browser: string; returnTo: string | null; now: number },
): Plan {
  return {
    v: 1,
    id: start.id,
    flow: flow.name,
    digest: flow.digest,
    revision: 0,
    cursor: 0,
    state: flow.stages.length === 0 ? 'done' : 'running',
    browser: start.browser,
    returnTo: start.returnTo,
    startedAt: start.now,
    expiresAt: start.now + PLAN_LIFETIME,
    subject: null,
    proofs: [],
    learned: {},
    refused: 0,
  };
}

/** Whether a plan may continue in this flow, for this browser, now. */
export function fits(plan: Plan, flow: Flow, browser: string, now: number): boolean {
  return (
    plan.v === 1 &&
    plan.flow === flow.name &&
    plan.digest === flow.digest &&
    plan.browser === browser &&
    now < plan.expiresAt
  );
}

/** A stage that its policies leave out. */
export interface Skip {
  readonly kind: 'skip';
}

/**
 * Moves a running plan by one step; an ended plan does not move. The write that follows sets the
 * revision (see commit.ts); effects are returned, not carried out. `flow`: the plan's own, or the one
 * that the step enters.
 */
export function advance(
  plan: Plan,
  step: Step | Skip,
  flow: Flow,
  now: number,
): { readonly plan: Plan; readonly effects: readonly Effect[] } {
  if (plan.state !== 'running') return { plan, effects: [] };
  switch (step.kind) {
    case 'skip':
      // Stages inserted before the skipped one are skipped too.
      return { plan: forward({ ...plan, inserted: [] }, flow), effects: [] };
    case 'ask': {
      const next = learning(plan, step.learned);
      const effects = step.effects ?? [];
      return {
        plan: step.reason === undefined ? next : reject(next, step, step.reason, flow),
        effects,
      };
    }
    case 'insert':
      return { plan: inserting(plan, step), effects: [] };
    case 'leave':
      // The user has not passed: coming back leads to the same stage.
      return { plan: learning(plan, step.learned), effects: [] };
    case 'stop':
      return { plan: stopped(plan, step.reason, step.text), effects: [] };
    case 'enter':
      return { plan: entered(plan, step, flow, now), effects: [] };
    case 'again':
      return { plan: passed(plan, step, now), effects: step.effects };
    case 'pass':
      return { plan: forward(passed(plan, step, now), flow), effects: step.effects ?? [] };
  }
}

/** A step by which a stage has learned something of the subject. */
type Advance = Extract<Step, { kind: 'pass' | 'again' | 'enter' }>;

/** At the start of the flow that it enters. Nothing that the former flow learned is known there. */
function entered(
  plan: Plan,
  step: Extract<Step, { kind: 'enter' }>,
  { name, digest }: Flow,
  now: number,
): Plan {
  const { learned } = step;
  const start = { flow: name, digest, cursor: 0, inserted: [], insertions: [], learned };
  return { ...passed(plan, step, now), ...start };
}

function passed(plan: Plan, step: Advance, now: number): Plan {
  return {
    ...plan,
    ...eventAfter(plan, step.identified ?? plan.subject),
    subject: step.identified ?? plan.subject,
    // Proofs belong to the subject they were given for: another subject starts without any.
    proofs: proofsAfter(plan, step, now),
    learned: { ...plan.learned, ...step.learned },
    refusal: null,
  };
}

function proofsAfter(plan: Plan, step: Advance, now: number): readonly Proof[] {
  const kept = step.identified === undefined ? plan.proofs : [];
  return [step.proved ?? []]
    .flat()
    .reduce((all, method) => addProof(all, { method, at: now }), kept);
}

/** A stage may insert each type once per position; a second time would loop. */
function inserting(plan: Plan, step: Extract<Step, { kind: 'insert' }>): Plan {
  const added = step.stages.map((one) => `${plan.cursor}:${one.type}`);
  const insertions = [...(plan.insertions ?? []), ...added];
  if (added.length === 0 || new Set(insertions).size < insertions.length) {
    return stopped(plan, { code: 'stage/again' }, { key: 'flow.stopped.stage' });
  }
  const learned = { ...plan.learned, ...step.learned };
  const inserted = [...step.stages, ...(plan.inserted ?? [])];
  return { ...plan, learned, inserted, insertions, refusal: null };
}

function learning(plan: Plan, learned: Plan['learned'] | undefined): Plan {
  return { ...plan, learned: { ...plan.learned, ...learned } };
}

function stopped(plan: Plan, reason: Reason, text: Message): Plan {
  return { ...plan, state: 'stopped', stopped: { reason, text } };
}

function forward(plan: Plan, flow: Flow): Plan {
  const [done, ...rest] = plan.inserted ?? [];
  if (done !== undefined) return { ...plan, inserted: rest };
  const cursor = plan.cursor + 1;
  return { ...plan, cursor, state: cursor >= flow.stages.length ? 'done' : 'running' };
}

function reject(
  plan: Plan,
  step: Extract<Step, { kind: 'ask' }>,
  reason: Reason,
  flow: Flow,
): Plan {
  const refused = plan.refused + 1;
  const rejection: RejectedSubmission = {
    reason,
    text: step.rejection ?? null,
    retryAt: step.retryAt ?? null,
    fields: openFields(step),
    ...(step.reasons === undefined ? {} : { reasons: step.reasons.map(withoutDetail) }),
  };
  const isInserted = (plan.inserted ?? []).length > 0;
  const onInvalid = isInserted ? 'retry' : (flow.stages[plan.cursor]?.onInvalid ?? 'retry');
  if (onInvalid === 'retry') return { ...plan, refused, refusal: rejection };
  // A flow for a signed-in user, or for the recipient of a link, is about that user from the start.
  // Starting over does not change that, nor what a source has said before it.
  const isBound = flow.requires !== 'anyone' && flow.requires !== 'anonymous';
  const subject = isBound || onInvalid === 'restart_keeping' ? plan.subject : null;
  const learned = surviving(plan.learned, flow);
  const proofs = newcomerOf(learned, subject) === null ? [] : plan.proofs.filter(isBySource);
  const anew = { cursor: 0, inserted: [], insertions: [], subject, proofs, learned };
  return { ...plan, refused, refusal: rejection, ...eventAfter(plan, subject), ...anew };
}

/** A link was sent to one user and says nothing about another subject of the run. */
function eventAfter(plan: Plan, subject: Subject | null): Pick<Plan, 'event'> {
  const isOther = subject === null || subject.userId !== plan.subject?.userId;
  return plan.event === 'link' && isOther ? { event: 'visit' } : {};
}

/** What survives starting over: the run's invitation, and the link or the account it was made for. */
function surviving(learned: Plan['learned'], flow: Flow): Plan['learned'] {
  const isLinked = flow.requires === 'link';
  const own = Object.entries(learned).filter(
    ([key]) => key === INVITATION_KEY || (isLinked && key.startsWith('link:')),
  );
  return { ...Object.fromEntries(own), ...withNewcomerAlone(learned) };
}

function isBySource({ method }: Proof): boolean {
  return method === 'source' || method === 'source_mfa';
}

/** Details of reasons are for operators and are not stored in plans. */
function withoutDetail({ field, reason: { code }, words }: Rejection): Rejection {
  return { field, reason: { code }, words };
}

/** Longest stored value of a field without a length of its own, in characters. */
const MAX_OPEN = 256;

/** Whether its value may be stored and shown again; codes and passwords may not. */
export function isOpen(field: Field): boolean {
  return ['text', 'email', 'number', 'date', 'radio', 'dropdown'].includes(field.kind);
}

/** Values of passwords and codes are never stored; their errors are. */
function openFields(step: Extract<Step, { kind: 'ask' }>): RejectedSubmission['fields'] {
  const kept: Record<string, RejectedSubmission['fields'][string]> = {};
  for (const field of step.challenge.fields) {
    if (!('name' in field)) continue;
    const error = 'error' in field && field.error !== undefined ? { error: field.error } : {};
    const longest = 'maxLength' in field ? field.maxLength : MAX_OPEN;
    const typed = isOpen(field) && 'value' in field ? field.value?.slice(0, longest) : undefined;
    const value = typed === undefined ? {} : { value: typed };
    if ('error' in field || isOpen(field)) kept[field.name] = { ...value, ...error };
  }
  return kept;
}

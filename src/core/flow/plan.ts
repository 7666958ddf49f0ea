/**
 * A plan is one browser's run through one flow: plain versioned JSON of names, moved only
 * by `advance`. Pure.
 */
import type { Flow } from './flow.ts';
import type { Json } from '../values/json.ts';
import type { Message } from '../values/message.ts';
import type { FlowEvent } from '../access/policy.ts';
import type { Reason } from '../values/reason.ts';
import { addProof, type Proof } from '../people/session.ts';
import type { Subject } from '../people/subject.ts';
import type { Field } from './challenge.ts';
import type { Effect } from './effect.ts';
import type { AnswerRefusal, Insertion, Step } from './stage.ts';

/** `running` → `done` or `stopped`. Ended plans are kept until they expire, so that nothing runs twice. */
type PlanState = 'running' | 'done' | 'stopped';

/** The last refused answer: the page after the redirect tells it. Gone once a stage passes. */
export interface Refused {
  readonly reason: Reason;
  readonly text: Message | null;
  /** Epoch milliseconds at which a repeat may work, or null. */
  readonly retryAt: number | null;
  /** What was typed into open fields and what is wrong with it, by field name; never a secret. */
  readonly fields: Readonly<Record<string, { readonly value?: string; readonly error?: Message }>>;
  /** What policies had against it: codes and words alone. */
  readonly reasons?: readonly AnswerRefusal[];
}

/** One run. Times are epoch milliseconds. */
export interface Plan {
  readonly v: 1;
  /** 128 bit, base64url. */
  readonly id: string;
  readonly flow: string;
  /** `Flow.digest` at the start. */
  readonly digest: string;
  /** 0 until it is first stored; one more with every write. */
  readonly revision: number;
  /** Index of the stage at hand; the number of stages once done. */
  readonly cursor: number;
  readonly state: PlanState;
  /** Stages to run before the one at `cursor`, in order; put there by a stage that needs them first. */
  readonly inserted?: readonly Insertion[];
  /** All that was put in since the run began or began anew, as `<cursor>:<type>`: each once, so that no run circles. */
  readonly insertions?: readonly string[];
  /** One-way name of the browser that runs it. */
  readonly browser: string;
  /** Checked when it was put in, checked again when it is used; null for the portal. */
  readonly returnTo: string | null;
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly subject: Subject | null;
  /** Methods proved in this very run. */
  readonly proofs: readonly Proof[];
  /** `sessions_valid_from` of the subject when the first proof was given; a later one makes the proofs void. */
  readonly validFrom?: number;
  readonly learned: Readonly<Record<string, Json>>;
  /** How the run was begun, for policies; absent: by a visit. */
  readonly event?: FlowEvent;
  /** Refused answers so far. */
  readonly refused: number;
  readonly refusal?: Refused | null;
  /** Why it stopped, when it did. */
  readonly stopped?: { readonly reason: Reason; readonly text: Message };
  /** The ticket's cookie, sealed for this very browser, so that a double submit is signed in too. */
  readonly handed?: { readonly sealed: string; readonly until: number };
}

/** Where `learned` holds the one-way name of the invitation that somebody came with. */
export const INVITATION_KEY = 'invitation';

/**
 * Where `learned` holds what becomes of the name that was typed: true, it is kept in this browser once
 * a session has begun; false, what is kept is forgotten. Absent: neither.
 */
export const USERNAME_KEY = 'username';

/** How long a run may take, in milliseconds. */
export const PLAN_LIFETIME = 30 * 60_000;

/** A fresh plan, not stored anywhere. */
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

/** Whether a plan may go on in this flow, for this browser, now. */
export function fits(plan: Plan, flow: Flow, browser: string, now: number): boolean {
  return (
    plan.v === 1 &&
    plan.flow === flow.name &&
    plan.digest === flow.digest &&
    plan.browser === browser &&
    now < plan.expiresAt
  );
}

/** A stage that its policies left out. */
export interface Skip {
  readonly kind: 'skip';
}

/**
 * Moves a running plan by one step; a plan that has ended does not move. The revision is
 * left to the one write that follows (see executor), effects are returned, not done.
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
      // What was put in before a stage goes with it.
      return { plan: forward({ ...plan, inserted: [] }, flow), effects: [] };
    case 'ask': {
      const next = step.learned === undefined ? plan : told(plan, step.learned);
      const effects = step.effects ?? [];
      return { plan: step.reason === undefined ? next : refuse(next, step, flow), effects };
    }
    case 'insert':
      return { plan: putIn(plan, step), effects: [] };
    case 'leave':
      // Whoever is sent away is not let past: coming back leads to the same stage.
      return { plan: step.learned === undefined ? plan : told(plan, step.learned), effects: [] };
    case 'stop':
      return { plan: stopped(plan, step.reason, step.text), effects: [] };
    case 'pass': {
      const learnt: Plan = {
        ...plan,
        ...eventAfter(plan, step.identified ?? plan.subject),
        subject: step.identified ?? plan.subject,
        // Proofs belong to the person they were given for: another subject starts without any.
        proofs: proofsAfter(plan, step, now),
        learned: step.learned === undefined ? plan.learned : { ...plan.learned, ...step.learned },
        refusal: null,
      };
      return { plan: forward(learnt, flow), effects: step.effects ?? [] };
    }
  }
}

function proofsAfter(
  plan: Plan,
  step: Extract<Step, { kind: 'pass' }>,
  now: number,
): readonly Proof[] {
  const kept = step.identified === undefined ? plan.proofs : [];
  return step.proved === undefined ? kept : addProof(kept, { method: step.proved, at: now });
}

/** A stage may ask for another once at its place; to ask again would be to go round in circles. */
function putIn(plan: Plan, step: Extract<Step, { kind: 'insert' }>): Plan {
  const added = step.stages.map((one) => `${plan.cursor}:${one.type}`);
  const insertions = [...(plan.insertions ?? []), ...added];
  if (added.length === 0 || new Set(insertions).size < insertions.length) {
    return stopped(plan, { code: 'stage/again' }, { key: 'flow.stopped.stage' });
  }
  const learned = step.learned === undefined ? plan.learned : { ...plan.learned, ...step.learned };
  const inserted = [...step.stages, ...(plan.inserted ?? [])];
  return { ...plan, learned, inserted, insertions, refusal: null };
}

function told(plan: Plan, learned: Plan['learned']): Plan {
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

function refuse(plan: Plan, step: Extract<Step, { kind: 'ask' }>, flow: Flow): Plan {
  const refused = plan.refused + 1;
  const refusal: Refused = {
    reason: step.reason as Reason,
    text: step.refusal ?? null,
    retryAt: step.retryAt ?? null,
    fields: openFields(step),
    ...(step.reasons === undefined ? {} : { reasons: step.reasons.map(withoutDetail) }),
  };
  const isInserted = (plan.inserted ?? []).length > 0;
  const onInvalid = isInserted ? 'retry' : (flow.stages[plan.cursor]?.onInvalid ?? 'retry');
  if (onInvalid === 'retry') return { ...plan, refused, refusal };
  // A flow for somebody signed in, or for whom a link was sent to, is about them from the start;
  // starting over does not change that.
  const isBound = flow.requires !== 'anyone' && flow.requires !== 'anonymous';
  const subject = isBound || onInvalid === 'restart_keeping' ? plan.subject : null;
  const learned = broughtAlong(plan.learned, flow);
  const anew = { cursor: 0, inserted: [], insertions: [], subject, proofs: [], learned };
  return { ...plan, refused, refusal, ...eventAfter(plan, subject), ...anew };
}

/** A link was mailed to one person: it says nothing about another, whom the run is about from now on. */
function eventAfter(plan: Plan, subject: Subject | null): Pick<Plan, 'event'> {
  const isOther = subject === null || subject.userId !== plan.subject?.userId;
  return plan.event === 'link' && isOther ? { event: 'visit' } : {};
}

/** What a run came with outlasts its starting over: an invitation, and the link it was made for. */
function broughtAlong(learned: Plan['learned'], flow: Flow): Plan['learned'] {
  const isLinked = flow.requires === 'link';
  const own = Object.entries(learned).filter(
    ([key]) => key === INVITATION_KEY || (isLinked && key.startsWith('link:')),
  );
  return Object.fromEntries(own);
}

/** What operators may read of a reason is not for plans. */
function withoutDetail({ field, reason: { code }, words }: AnswerRefusal): AnswerRefusal {
  return { field, reason: { code }, words };
}

/** Longest value kept of a field without a length of its own, in characters. */
const MAX_OPEN = 256;

/** Whether what was typed into it may be kept and shown again; codes and passwords may not. */
export function isOpen(field: Field): boolean {
  return ['text', 'email', 'number', 'date', 'radio', 'dropdown'].includes(field.kind);
}

/** Passwords and codes are never kept; what is wrong with them is. */
function openFields(step: Extract<Step, { kind: 'ask' }>): Refused['fields'] {
  const kept: Record<string, Refused['fields'][string]> = {};
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

/** A challenge as it is shown: what was typed before in its fields, what must come back hidden, where it may lead. */
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import type { Message } from '../../core/values/message.ts';
import { isOpen, type Plan, type Refused } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { csrfToken } from '../browser/csrf.ts';
import type { Standing } from '../engine/executor.ts';
import type { Run } from '../run/run.ts';
import { sealSeed } from '../browser/seed.ts';
import { flowUrl } from './urls.ts';

/** What a form must bring back beside its answer. */
export function hiddenFields(
  vault: Vault,
  run: Run,
  plan: Plan,
  stageId: string,
  link: string | null,
): Readonly<Record<string, string>> {
  return {
    ...(plan.revision === 0 ? { seed: sealSeed(vault, run.browser, plan) } : { plan: plan.id }),
    revision: String(plan.revision),
    stage: stageId,
    csrf: csrfToken(vault, run.browser, plan.id, plan.revision),
    ...(plan.returnTo === null ? {} : { rd: plan.returnTo }),
    ...(link === null ? {} : { link }),
  };
}

/** Ways to other flows, the destination kept; those that are not there (no mail, say) are left out. */
export function linksOf(
  { flows }: Pick<Snapshot, 'flows'>,
  { links = [] }: Challenge,
  { returnTo: rd }: Pick<Plan, 'returnTo'>,
): readonly { readonly href: string; readonly label: Message }[] {
  return links
    .filter(({ flow }) => flows.has(flow))
    .map(({ flow, label }) => ({ href: flowUrl(flow, { rd }), label }));
}

/** The challenge with what was typed last time and what is wrong with it. */
export function withRefused(challenge: Challenge, refusal: Refused | null): Challenge {
  if (refusal === null) return challenge;
  const fields = challenge.fields.map((field) => refilled(field, refusal));
  return { ...challenge, fields: [...furtherWords(refusal), ...fields] };
}

/** The refusal has room for one text: what else there is against the whole stands below it. */
function furtherWords({ text, reasons = [] }: Refused): readonly Field[] {
  return reasons
    .filter(({ field, words }) => field === null && !isSame(words, text))
    .map(({ words }) => ({ kind: 'alert', tone: 'warning', text: words }));
}

function isSame(a: Message, b: Message | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function refilled(field: Field, refusal: Refused): Field {
  if (!('name' in field)) return field;
  const last = Object.hasOwn(refusal.fields, field.name) ? refusal.fields[field.name] : undefined;
  if (last === undefined) return field;
  const error = last.error === undefined ? {} : { error: last.error };
  if (!isOpen(field)) return { ...field, ...error };
  return { ...field, ...(last.value === undefined ? {} : { value: last.value }), ...error };
}

/** The refusal in words as of now; null when there is none or its wait is over. */
export function refusalText(refusal: Refused | null, now: number): Message | null {
  if (refusal === null || refusal.text === null) return null;
  const { text, retryAt } = refusal;
  if (retryAt === null || 'literal' in text) return text;
  if (retryAt <= now) return null;
  return {
    key: text.key,
    values: { ...text.values, minutes: Math.ceil((retryAt - now) / 60_000) },
  };
}

/** Seconds until a repeat may work; 0 when nothing stands in the way. */
export function secondsLeft(refusal: Refused | null, now: number): number {
  return refusal?.retryAt == null ? 0 : Math.max(0, Math.ceil((refusal.retryAt - now) / 1000));
}

/**
 * Place among the stages that ask. Null when only one asks, in flows that sign out, and when any stage
 * may be passed over: a number that turns out wrong is worse than none.
 */
export function stepOf(
  flow: Pick<Flow, 'designation' | 'stages'>,
  standing: { readonly plan: Pick<Standing['plan'], 'cursor'> },
): { index: number; count: number } | null {
  if (flow.designation === 'invalidation') return null;
  const asking = flow.stages.filter((binding) => asks(binding) !== false);
  const isSure = asking.every((b) => asks(b) === true && b.policies.bindings.length === 0);
  // What was put in before a stage is part of that stage's step.
  const at = flow.stages[standing.plan.cursor];
  const index = asking.findIndex((binding) => binding === at);
  return !isSure || asking.length < 2 || index < 0
    ? null
    : { index: index + 1, count: asking.length };
}

function asks({ stage, config }: StageBinding): boolean | 'sometimes' {
  return stage.answer !== null && (stage.asks?.(config) ?? true);
}

/** URLs that answering may redirect to (Chromium applies form-action to the whole chain). */
export function formTargets(flow: Flow, plan: Plan): readonly (string | null)[] {
  const led = flow.stages.flatMap((b) => b.stage.leadsTo?.(b.config) ?? []);
  return [plan.returnTo, ...led];
}

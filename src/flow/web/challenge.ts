/** A challenge as it is shown: with the values typed before, the hidden fields, and the URLs it may lead to. */
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import type { Message } from '../../core/values/message.ts';
import { isOpen, type Plan, type RejectedSubmission } from '../../core/flow/plan.ts';
import type { Vault } from '../../core/values/system.ts';
import { namedSources, type Sources } from '../../core/sources/source-rule.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { csrfToken } from '../browser/csrf.ts';
import type { Settled } from '../engine/executor.ts';
import type { Run } from '../run/run.ts';
import { sealSeed } from '../browser/seed.ts';
import { flowUrl } from './urls.ts';

/** The hidden fields of a form. */
export function hiddenFields(
  vault: Vault,
  run: Run,
  plan: Plan,
  { stageId, link }: { readonly stageId: string; readonly link: string | null },
): Readonly<Record<string, string>> {
  return {
    ...(plan.revision === 0 ? { seed: sealSeed(vault, run.browser, plan) } : { plan: plan.id }),
    revision: String(plan.revision),
    stage: stageId,
    csrf: csrfToken(vault, run.browser, plan),
    ...(plan.returnTo === null ? {} : { rd: plan.returnTo }),
    ...(link === null ? {} : { link }),
  };
}

/** Links to other flows, with the same destination. Flows that do not exist (without mail, for example) are left out. */
export function linksOf(
  { flows }: Pick<Snapshot, 'flows'>,
  { links = [] }: Challenge,
  { returnTo: rd }: Pick<Plan, 'returnTo'>,
): readonly { readonly href: string; readonly label: Message }[] {
  return links
    .filter(({ flow }) => flows.has(flow))
    .map(({ flow, label }) => ({ href: flowUrl(flow, { rd }), label }));
}

/** The challenge with the values typed last time and their errors. */
export function withRejection(
  challenge: Challenge,
  rejection: RejectedSubmission | null,
): Challenge {
  if (rejection === null) return challenge;
  const fields = challenge.fields.map((field) => refilled(field, rejection));
  return { ...challenge, fields: [...furtherWords(rejection), ...fields] };
}

/** The page has room for one error text; further reasons about the whole form follow below it. */
function furtherWords({ text, reasons = [] }: RejectedSubmission): readonly Field[] {
  return reasons
    .filter(({ field, words }) => field === null && !isSame(words, text))
    .map(({ words }) => ({ kind: 'alert', tone: 'warning', text: words }));
}

function isSame(a: Message, b: Message | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function refilled(field: Field, rejection: RejectedSubmission): Field {
  if (!('name' in field)) return field;
  const last = Object.hasOwn(rejection.fields, field.name)
    ? rejection.fields[field.name]
    : undefined;
  if (last === undefined) return field;
  const error = last.error === undefined ? {} : { error: last.error };
  if (!isOpen(field)) return { ...field, ...error };
  return { ...field, ...(last.value === undefined ? {} : { value: last.value }), ...error };
}

/** The text of the rejection as of now; null without one, or once its wait is over. */
export function rejectionText(rejection: RejectedSubmission | null, now: number): Message | null {
  if (rejection === null || rejection.text === null) return null;
  const { text, retryAt } = rejection;
  if (retryAt === null || 'literal' in text) return text;
  if (retryAt <= now) return null;
  return {
    key: text.key,
    values: { ...text.values, minutes: Math.ceil((retryAt - now) / 60_000) },
  };
}

/** Seconds until another attempt is allowed; 0 if it is allowed now. */
export function secondsLeft(rejection: RejectedSubmission | null, now: number): number {
  return rejection?.retryAt == null ? 0 : Math.max(0, Math.ceil((rejection.retryAt - now) / 1000));
}

/**
 * The step number among the stages that ask. Null if only one asks, in flows that sign out, and if
 * any stage may be skipped: a wrong number is worse than none.
 */
export function stepOf(
  flow: Pick<Flow, 'designation' | 'stages'>,
  settled: { readonly plan: Pick<Settled['plan'], 'cursor'> },
): { index: number; count: number } | null {
  if (flow.designation === 'invalidation') return null;
  const asking = flow.stages.filter((binding) => asks(binding) !== false);
  const isSure = asking.every((b) => asks(b) === true && b.policies.bindings.length === 0);
  // An inserted stage is part of the step of the stage it precedes.
  const at = flow.stages[settled.plan.cursor];
  const index = asking.findIndex((binding) => binding === at);
  return !isSure || asking.length < 2 || index < 0
    ? null
    : { index: index + 1, count: asking.length };
}

function asks({ stage, config }: StageBinding): boolean | 'sometimes' {
  return stage.submission !== null && (stage.submission.asks?.(config) ?? true);
}

/** URLs that a submission may redirect to (Chromium applies form-action to the whole chain). */
export function formTargets(flow: Flow, plan: Plan, sources: Sources): readonly (string | null)[] {
  const led = flow.stages.flatMap(({ stage, config }) => [
    ...(stage.leads?.urls?.(config) ?? []),
    ...namedSources(sources, stage.leads?.sources?.(config).names ?? []).flatMap(
      ({ source }) => source.origins,
    ),
  ]);
  const isSignOut = flow.designation === 'invalidation';
  const left = sources.list().filter(({ rule }) => isSignOut && rule.signOut);
  return [plan.returnTo, ...led, ...left.flatMap(({ source }) => source.origins)];
}

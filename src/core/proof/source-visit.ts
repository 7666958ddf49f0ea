/**
 * The visit to a provider and the answer that the browser brings back. An answer that does not belong to the
 * visit under way decides nothing.
 */
import { isOwner } from '../flow/owner.ts';
import {
  answerOf,
  isStateOf,
  newVisit,
  PASSAGE_KEY,
  storedVisit,
  type Visit,
  visitOf,
} from '../sources/passage.ts';
import type { ConfiguredSource } from '../sources/source-rule.ts';
import type { SourceProfile } from '../sources/source.ts';
import { resolve } from './source-account.ts';
import {
  fail,
  failed,
  PENDING_KEY,
  rejected,
  type SourceContext,
  type SourceRejection,
  type SourceStep,
} from './source-step.ts';

/** Sends the browser to the source. */
export async function visitSource(ctx: SourceContext, name: string): Promise<SourceStep> {
  const configured = ctx.ports.sources.find(name);
  if (configured === null) return rejected('source/unknown', null);
  const { source, rule } = configured;
  // A visitor who is signed in already comes to prove that it is still the same user.
  const isAgain = ctx.session !== null;
  const visit = newVisit(ctx.ports.random, ctx.planId, {
    stage: ctx.stageId,
    source: name,
    maxAge: isAgain ? 0 : null,
  });
  try {
    const username = isOwner(ctx) ? null : (ctx.subject?.login ?? null);
    const to = await source.begin(
      { ...visit, redirectUri: backUrl(ctx) },
      { username, prompt: isAgain ? 'login' : null, isLasting: rule.recheck !== null },
    );
    const learned = { [PASSAGE_KEY]: storedVisit(visit), [PENDING_KEY]: null };
    return { kind: 'leave', to, via: { source: name }, learned };
  } catch (caught) {
    return failed(ctx, caught, configured);
  }
}

/** Where providers send browsers back to; the operator registers it there. */
function backUrl({ site, flow }: Pick<SourceContext, 'site' | 'flow'>): string {
  return `${site.origin}/flow/${encodeURIComponent(flow.name)}/back`;
}

/**
 * Takes the answer that the browser brought back, as a query string. An answer is used once; what it
 * proves is settled by `completeSource`, on what the effects have changed.
 */
export async function returnFromSource(ctx: SourceContext, back: string): Promise<SourceStep> {
  const { vault, marks } = ctx.ports;
  const visit = visitOf(ctx.learned);
  const answer = answerOf(back);
  const state = answer?.get('state') ?? '';
  const isOurs = visit !== null && visit.stage === ctx.stageId && isStateOf(vault, visit, state);
  if (answer === null || !isOurs) return rejected('source/state', null);
  const configured = ctx.ports.sources.find(visit.source);
  if (!(await marks.take(`source:${visit.state}`, ctx.expiresAt))) {
    return rejected('source/used', configured);
  }
  if (configured === null) return rejected('source/unknown', null);
  const profile = await profileOf(ctx, configured, visit, answer);
  return 'kind' in profile ? profile : resolve(ctx, configured, profile);
}

/** Verifies the answer. What the provider did not say counts as a wrong try, by address alone. */
async function profileOf(
  ctx: SourceContext,
  configured: ConfiguredSource,
  visit: Visit,
  answer: URLSearchParams,
): Promise<SourceProfile | SourceRejection> {
  try {
    return await configured.source.finish({ ...visit, redirectUri: backUrl(ctx) }, answer);
  } catch (caught) {
    const step = failed(ctx, caught, configured);
    const { code } = step.reason;
    const isWrong = code === 'source/refused';
    if (isWrong) await fail(ctx, { source: visit.source, code }, visit.state);
    return step;
  }
}

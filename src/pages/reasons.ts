/**
 * The reasons on an error page, as far as the operator discloses them: sentences, and the result of
 * each rule with what it compared. Works without script. Must never show the operands of a rule that
 * the user may not see.
 */
import { html } from 'hono/html';
import type { BindingTrace, RuleTrace } from '../core/access/decision-trace.ts';
import type { ErrorPageView } from '../core/setup/views.ts';
import type { Message } from '../core/values/message.ts';
import { familyOf, reasonText } from '../core/values/reason.ts';
import type { Say } from './frame/document.ts';
import type { Markup } from './frame/icons.ts';
import { text } from './texts/texts.ts';

/** Most reasons on one page; the log has the rest. */
export const MAX_REASONS = 6;

/** Most bindings of one list on a page; `doorward explain` prints the rest. */
const MAX_BINDINGS = 64;

/**
 * Families whose operands help the user (which group, which method) and reveal nothing about the
 * network or other users. The operands of all others appear in the trace alone.
 */
const OPEN_FAMILIES = new Set(['group', 'method', 'http']);

/** The part, or null if only the code may be shown. */
export function reasonsPart(view: ErrorPageView, say: Say): Markup | null {
  if (view.disclosure === 'code') return null;
  const rules = view.trace?.rules ?? [];
  return html`<details class="explained" open><summary>${say(text('refused.reasons'))}</summary>
${reasonList(view, say)}
${
  rules.length === 0
    ? null
    : html`<details class="trace"><summary>${say(text('refused.trace'))}</summary>
<ul>${rules.map((rule) => ruleItem(rule, say))}</ul>
</details>`
}
</details>`;
}

function reasonList(view: ErrorPageView, say: Say): Markup {
  const reasons = view.reasons.length === 0 ? [{ code: view.code }] : view.reasons;
  const sentences = new Map<string, string[]>();
  for (const reason of reasons.slice(0, MAX_REASONS)) {
    const sentence = say(reasonText(reason));
    const details = sentences.get(sentence) ?? [];
    const isOpen = OPEN_FAMILIES.has(familyOf(reason.code));
    const detail = detailText(reason, say);
    if (isOpen && view.user !== null && detail !== null) details.push(detail);
    sentences.set(sentence, details);
  }
  return html`<ul class="reasons">${[...sentences].map(
    ([sentence, details]) =>
      html`<li>${sentence}${details.map((detail) => html` <span class="detail">${detail}</span>`)}</li>`,
  )}</ul>`;
}

function ruleItem(rule: RuleTrace, say: Say): Markup {
  const { stale, bindings, publicIf } = rule;
  return html`<li>${verdict(rule, say)} <code>${rule.name}</code>${location(rule)}${
    rule.public ? note(say(text('refused.trace.public'))) : null
  }${rule.closed ? note(say(text('refused.trace.closed'))) : null}${
    publicIf === null ? null : conditionPart(publicIf, say)
  }${stale === null ? null : operands(stale, say)}${
    bindings.length === 0 ? null : bindingList(rule.match, bindings, say)
  }</li>`;
}

function conditionPart({ bindings }: NonNullable<RuleTrace['publicIf']>, say: Say): Markup {
  return html`${note(say(text('refused.trace.public-if')))}${itemList(bindings, say)}`;
}

function bindingItem(binding: BindingTrace, say: Say): Markup {
  const { policy, match, negate, dryRun, remedy, bindings } = binding;
  const name = negate ? say(text('refused.trace.not', { policy })) : policy;
  const isGroup = match !== null && bindings.length > 0;
  return html`<li>${verdict(binding, say)} <code>${name}</code>${location(binding)}${
    isGroup ? null : operands(binding, say)
  }${dryRun ? note(say(text('refused.trace.dry-run'))) : null}${
    remedy === null || binding.pass
      ? null
      : note(say(text('refused.trace.remedy', { flow: remedy })))
  }${isGroup ? bindingList(match, bindings, say) : null}</li>`;
}

function bindingList(match: 'all' | 'any', bindings: readonly BindingTrace[], say: Say): Markup {
  const words = say(text(match === 'any' ? 'refused.trace.any' : 'refused.trace.all'));
  return html`${bindings.length > 1 ? note(words) : null}${itemList(bindings, say)}`;
}

function itemList(bindings: readonly BindingTrace[], say: Say): Markup {
  return html`<ul>${bindings
    .slice(0, MAX_BINDINGS)
    .map((binding) => bindingItem(binding, say))}</ul>`;
}

function verdict({ pass }: Pick<RuleTrace, 'pass'>, say: Say): Markup {
  if (pass === null) return html`<strong>${say(text('refused.trace.unchecked'))}</strong>`;
  return pass
    ? html`<strong class="yes">${say(text('refused.trace.yes'))}</strong>`
    : html`<strong class="no">${say(text('refused.trace.no'))}</strong>`;
}

function location({ line, at }: { readonly line: string; readonly at: string }): Markup {
  return html` <span class="location"><code>${line === '' ? at : line}</code></span>`;
}

function operands(reason: Compared & { readonly code: string }, say: Say): Markup {
  const detail = detailText(reason, say);
  return html` <span class="detail"><code>${reason.code}</code>${detail === null ? null : html` ${detail}`}</span>`;
}

/** What was compared: a message if it depends on the language, else plain text. */
interface Compared {
  readonly detail?: string | null;
  readonly compared?: Message | null;
}

function detailText({ detail, compared }: Compared, say: Say): string | null {
  return compared == null ? (detail ?? null) : say(compared);
}

function note(words: string): Markup {
  return html` <span class="detail">${words}</span>`;
}

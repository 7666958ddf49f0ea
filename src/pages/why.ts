/**
 * The "why?" of a refusal, as much of it as the operator allows: the reasons in words, and rule by
 * rule what was compared. Opens without script. Of rules that are not to be seen it tells no operand.
 */
import { html } from 'hono/html';
import type { BindingTrace, RuleTrace } from '../core/access/decision-trace.ts';
import type { RefusalView } from '../core/setup/views.ts';
import type { Say } from './frame/document.ts';
import type { Markup } from './frame/icons.ts';
import { text } from './texts/texts.ts';
import { reasonWords } from './words/reason-words.ts';

/** Reasons told on one page; the rest is in the log. */
export const MAX_REASONS = 6;

/** Bindings of one list that a page shows; the rest is for `explain`. */
const MAX_BINDINGS = 64;

/**
 * Families whose operands help the person (which group, which method) and tell nothing about the
 * network or other people. Operands of all others are for those who may see the trace.
 */
const OPEN_FAMILIES = new Set(['group', 'method', 'http']);

/** Nothing where the code alone may be told. */
export function whyPart(view: RefusalView, say: Say): Markup | null {
  if (view.why === 'code') return null;
  const rules = view.trace?.rules ?? [];
  return html`<details class="why" open><summary>${say(text('refused.reasons'))}</summary>
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

function reasonList(view: RefusalView, say: Say): Markup {
  const reasons = view.reasons.length === 0 ? [{ code: view.code }] : view.reasons;
  const sentences = new Map<string, string[]>();
  for (const reason of reasons.slice(0, MAX_REASONS)) {
    const sentence = say(reasonWords(reason.code));
    const details = sentences.get(sentence) ?? [];
    const isOpen = OPEN_FAMILIES.has(reason.code.split('/', 1)[0] as string);
    if (isOpen && view.user !== null && reason.detail !== undefined) details.push(reason.detail);
    sentences.set(sentence, details);
  }
  return html`<ul class="reasons">${[...sentences].map(
    ([sentence, details]) =>
      html`<li>${sentence}${details.map((detail) => html` <span class="detail">${detail}</span>`)}</li>`,
  )}</ul>`;
}

function ruleItem(rule: RuleTrace, say: Say): Markup {
  const { stale, bindings } = rule;
  return html`<li>${verdict(rule.pass, say)} <code>${rule.name}</code>${place(rule)}${
    rule.public ? note(say(text('refused.trace.public'))) : null
  }${stale === null ? null : operands(stale.code, stale.detail ?? null)}${
    bindings.length === 0 ? null : bindingList(rule.match, bindings, say)
  }</li>`;
}

function bindingItem(binding: BindingTrace, say: Say): Markup {
  const { policy, match, code, detail, negate, dryRun, remedy, bindings } = binding;
  const name = negate ? say(text('refused.trace.not', { policy })) : policy;
  const isGroup = match !== null && bindings.length > 0;
  return html`<li>${verdict(binding.pass, say)} <code>${name}</code>${place(binding)}${
    isGroup ? null : operands(code, detail)
  }${dryRun ? note(say(text('refused.trace.dry-run'))) : null}${
    remedy === null || binding.pass
      ? null
      : note(say(text('refused.trace.remedy', { flow: remedy })))
  }${isGroup ? bindingList(match, bindings, say) : null}</li>`;
}

function bindingList(match: 'all' | 'any', bindings: readonly BindingTrace[], say: Say): Markup {
  const words = say(text(match === 'any' ? 'refused.trace.any' : 'refused.trace.all'));
  return html`${bindings.length > 1 ? note(words) : null}<ul>${bindings
    .slice(0, MAX_BINDINGS)
    .map((binding) => bindingItem(binding, say))}</ul>`;
}

function verdict(pass: boolean | null, say: Say): Markup {
  if (pass === null) return html`<strong>${say(text('refused.trace.unchecked'))}</strong>`;
  return pass
    ? html`<strong class="yes">${say(text('refused.trace.yes'))}</strong>`
    : html`<strong class="no">${say(text('refused.trace.no'))}</strong>`;
}

function place({ line, at }: { readonly line: string; readonly at: string }): Markup {
  return html` <span class="place"><code>${line === '' ? at : line}</code></span>`;
}

function operands(code: string, detail: string | null): Markup {
  return html` <span class="detail"><code>${code}</code>${detail === null ? null : html` ${detail}`}</span>`;
}

function note(words: string): Markup {
  return html` <span class="detail">${words}</span>`;
}

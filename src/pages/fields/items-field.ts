/** Things that can be acted on, each with a button that submits the form. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import type { FieldSlot } from './field-slot.ts';

/** The field as markup. The name of each thing describes its button. */
export function itemsMarkup(
  field: Extract<Field, { kind: 'items' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const labelId = `${slot.id}-label`;
  const items = field.items.map(({ value, title, lines, action }, index) => {
    const id = index === 0 ? slot.id : `${slot.id}-${index}`;
    return html`<li><div><strong id="${id}-title">${title}</strong>${lines.map(
      (line) => html`<span>${say(line)}</span>`,
    )}</div><button type="submit" class="plain-button" id="${id}" name="${field.name}" value="${value}" aria-describedby="${id}-title" formnovalidate>${say(action)}</button></li>`;
  });
  return html`<div class="items"><h2 id="${labelId}">${say(field.label)}</h2><ul aria-labelledby="${labelId}">${items}</ul></div>`;
}

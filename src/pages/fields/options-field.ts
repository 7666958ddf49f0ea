/** Fields with a list to choose from: checkboxes, radio buttons, a dropdown, or buttons that submit the form. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import {
  errorId,
  errorMarkup,
  type FieldSlot,
  flags,
  focusFlag,
  wrongFlags,
} from './field-slot.ts';

type Options = Extract<Field, { kind: 'radio' | 'dropdown' | 'choice' }>;

/** The field as markup. */
export function optionsMarkup(field: Options, slot: FieldSlot, say: Say): Markup {
  switch (field.kind) {
    case 'radio':
      return radio(field, slot, say);
    case 'dropdown':
      return dropdown(field, slot, say);
    case 'choice':
      return choice(field, slot, say);
  }
}

/** A list of which several can be chosen. */
export function checkboxesMarkup(
  field: Extract<Field, { kind: 'checkboxes' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const describedBy = field.error === undefined ? null : html` aria-describedby="${errorId(slot)}"`;
  const options = field.options.map(({ value, label }, index) => {
    const id = index === 0 ? slot.id : `${slot.id}-${index}`;
    return html`<div class="check"><input type="checkbox" id="${id}" name="${field.name}:${value}" value="on"${flags({ checked: field.chosen.includes(value) })}><label for="${id}">${say(label)}</label></div>`;
  });
  return html`<fieldset class="options"${describedBy}><legend>${say(field.label)}</legend>${errorMarkup(field.error, slot, say)}${options}</fieldset>`;
}

function radio(field: Options, slot: FieldSlot, say: Say): Markup {
  const describedBy = field.error === undefined ? null : html` aria-describedby="${errorId(slot)}"`;
  const options = field.options.map((option, index) => {
    // The error summary links to the first option.
    const id = index === 0 ? slot.id : `${slot.id}-${index}`;
    return html`<div class="check"><input type="radio" id="${id}" name="${field.name}" value="${option.value}"${flags({ checked: option.value === field.value, required: field.required })}${index === 0 ? focusFlag(slot) : null}><label for="${id}">${say(option.label)}</label></div>`;
  });
  return html`<fieldset class="options"${describedBy}><legend>${say(field.label)}</legend>${errorMarkup(field.error, slot, say)}${options}</fieldset>`;
}

function dropdown(field: Options, slot: FieldSlot, say: Say): Markup {
  const options = field.options.map(
    (option) =>
      html`<option value="${option.value}"${flags({ selected: option.value === field.value })}>${say(option.label)}</option>`,
  );
  const none = say(text(field.required ? 'page.choose' : 'page.choose-none'));
  return html`<div class="field${field.error === undefined ? '' : ' wrong'}"><label for="${slot.id}">${say(field.label)}</label>${errorMarkup(field.error, slot, say)}<select id="${slot.id}" name="${field.name}"${flags({ required: field.required })}${wrongFlags(field.error, slot)}${focusFlag(slot)}><option value="">${none}</option>${options}</select></div>`;
}

/** Each button submits the form, so the other fields need not be filled in. */
function choice(field: Options, slot: FieldSlot, say: Say): Markup {
  const labelId = `${slot.id}-label`;
  const buttons = field.options.map((option, index) => {
    const id = index === 0 ? slot.id : `${slot.id}-${index}`;
    const mark =
      option.mark === undefined
        ? null
        : html`<span class="mark" aria-hidden="true">${option.mark}</span>`;
    return html`<button type="submit" class="plain-button" id="${id}" name="${field.name}" value="${option.value}" formnovalidate>${mark}${say(option.label)}</button>`;
  });
  // As the main part of the page, the choice has the page's heading as its visible label.
  const look = slot.isPrimary ? html` class="unseen"` : null;
  return html`<div class="choice" role="group" aria-labelledby="${labelId}"><p id="${labelId}"${look}>${say(field.label)}</p>${errorMarkup(field.error, slot, say)}${buttons}</div>`;
}

/** Fields that are chosen from a list: radio buttons, a dropdown, or buttons that send the form at once. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import {
  errorId,
  errorMarkup,
  type FieldPlace,
  flag,
  focusFlag,
  wrongFlags,
} from './field-place.ts';

type Options = Extract<Field, { kind: 'radio' | 'dropdown' | 'choice' }>;

/** The field as markup. */
export function optionsMarkup(field: Options, place: FieldPlace, say: Say): Markup {
  switch (field.kind) {
    case 'radio':
      return radio(field, place, say);
    case 'dropdown':
      return dropdown(field, place, say);
    case 'choice':
      return choice(field, place, say);
  }
}

function radio(field: Options, place: FieldPlace, say: Say): Markup {
  const describedBy =
    field.error === undefined ? null : html` aria-describedby="${errorId(place)}"`;
  const options = field.options.map((option, index) => {
    // The summary of errors leads to the first of them.
    const id = index === 0 ? place.id : `${place.id}-${index}`;
    return html`<div class="check"><input type="radio" id="${id}" name="${field.name}" value="${option.value}"${flag('checked', option.value === field.value)}${flag('required', field.required)}${index === 0 ? focusFlag(place) : null}><label for="${id}">${say(option.label)}</label></div>`;
  });
  return html`<fieldset class="options"${describedBy}><legend>${say(field.label)}</legend>${errorMarkup(field.error, place, say)}${options}</fieldset>`;
}

function dropdown(field: Options, place: FieldPlace, say: Say): Markup {
  const options = field.options.map(
    (option) =>
      html`<option value="${option.value}"${flag('selected', option.value === field.value)}>${say(option.label)}</option>`,
  );
  const none = say(text(field.required ? 'page.choose' : 'page.choose-none'));
  return html`<div class="field${field.error === undefined ? '' : ' wrong'}"><label for="${place.id}">${say(field.label)}</label>${errorMarkup(field.error, place, say)}<select id="${place.id}" name="${field.name}"${flag('required', field.required)}${wrongFlags(field.error, place)}${focusFlag(place)}><option value="">${none}</option>${options}</select></div>`;
}

/** Each button is an answer by itself, so what else stands in the form need not be filled in. */
function choice(field: Options, place: FieldPlace, say: Say): Markup {
  const labelId = `${place.id}-label`;
  const buttons = field.options.map((option, index) => {
    const id = index === 0 ? place.id : `${place.id}-${index}`;
    return html`<button type="submit" class="plain-button" id="${id}" name="${field.name}" value="${option.value}" formnovalidate>${say(option.label)}</button>`;
  });
  // Where nothing else is asked, the heading says as much already.
  const look = place.isPrimary ? html` class="unseen"` : null;
  return html`<div class="choice" role="group" aria-labelledby="${labelId}"><p id="${labelId}"${look}>${say(field.label)}</p>${errorMarkup(field.error, place, say)}${buttons}</div>`;
}

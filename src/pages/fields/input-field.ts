/** A field that users type into, with the input type, autofill, and keyboard of its kind (WCAG 1.3.5). */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import { errorMarkup, type FieldSlot, flags, focusFlag, wrongFlags } from './field-slot.ts';

export type InputField = Extract<
  Field,
  { kind: 'text' | 'email' | 'code' | 'password' | 'number' | 'date' }
>;

/** The field as markup. */
export function inputMarkup(field: InputField, slot: FieldSlot, say: Say): Markup {
  const label = say(field.label);
  const control = html`<input id="${slot.id}" name="${field.name}"${kindAttributes(field)}${flags({ required: field.required })}${wrongFlags(field.error, slot)}${focusFlag(slot)}>`;
  return html`<div class="field${field.error === undefined ? '' : ' wrong'}"><label for="${slot.id}">${label}</label>${errorMarkup(field.error, slot, say)}${
    field.kind === 'password'
      ? html`<div class="secret">${control}${reveal(slot, label, say)}</div>`
      : control
  }</div>`;
}

function kindAttributes(field: InputField): Markup {
  switch (field.kind) {
    case 'password':
      return html` type="password" autocomplete="${field.autocomplete}" autocapitalize="none" spellcheck="false" maxlength="${field.maxLength}"`;
    case 'code':
      return codeAttributes(field, field.autocomplete ?? 'one-time-code');
    case 'email':
      return html` type="email" autocomplete="${field.autocomplete ?? 'email'}" autocapitalize="none" spellcheck="false"${valueOf(field)} maxlength="${field.maxLength}"`;
    case 'text':
      return html` type="text"${attribute('autocomplete', field.autocomplete)} autocapitalize="none" spellcheck="false"${valueOf(field)} maxlength="${field.maxLength}"`;
    case 'number':
      return html` type="number" step="any"${attribute('min', field.min)}${attribute('max', field.max)}${valueOf(field)}`;
    case 'date':
      return html` type="date"${attribute('min', field.min)}${attribute('max', field.max)}${valueOf(field)}`;
  }
}

/** Codes from a message or a device are digits. Codes that users keep, such as recovery codes, have letters too. */
function codeAttributes(
  field: InputField & { readonly kind: 'code' | 'text' | 'email' },
  autocomplete: string,
): Markup {
  const isDigits = autocomplete === 'one-time-code';
  return html` type="text" class="code${isDigits ? ' digits' : ''}"${isDigits ? html` inputmode="numeric"` : null} autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false"${valueOf(field)} maxlength="${field.maxLength}"`;
}

function valueOf(field: { readonly value?: string }): Markup | null {
  return attribute('value', field.value);
}

function attribute(name: 'autocomplete' | 'min' | 'max' | 'value', value?: string): Markup | null {
  return value === undefined ? null : html` ${name}="${value}"`;
}

/** Hidden until the script that it needs shows it. */
function reveal(slot: FieldSlot, label: string, say: Say): Markup {
  const [show, hide] = [
    say(text('page.show-field', { label })),
    say(text('page.hide-field', { label })),
  ];
  return html`<button type="button" class="reveal" hidden aria-controls="${slot.id}" aria-label="${show}" data-show="${say(text('page.show'))}" data-hide="${say(text('page.hide'))}" data-show-label="${show}" data-hide-label="${hide}">${say(text('page.show'))}</button>`;
}

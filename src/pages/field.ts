/** One field of a challenge as form controls: label, control, error by text and icon, tied together by ids. */
import { html } from 'hono/html';
import type { Field } from '../core/stage.ts';
import type { Say } from './document.ts';
import { icon, type Markup } from './icons.ts';
import { text } from './texts/texts.ts';

/** How a field stands on its page. */
export interface FieldPlace {
  /** Id of the control, free of anything the stage chose. */
  readonly id: string;
  /** Takes the focus when the page opens. */
  readonly autofocus: boolean;
  /** Link for "not you?", or null. */
  readonly restart: { readonly url: string; readonly label: string } | null;
}

/** The field as markup. */
export function fieldMarkup(field: Field, place: FieldPlace, say: Say): Markup {
  switch (field.kind) {
    case 'text-block':
      return html`<p class="block">${say(field.text)}</p>`;
    case 'username':
      return username(field, place, say);
    case 'checkbox':
      return html`<div class="check"><input type="checkbox" id="${place.id}" name="${field.name}" value="on"${flag('checked', field.checked)}><label for="${place.id}">${say(field.label)}</label></div>`;
    default:
      return labelled(field, place, say);
  }
}

type Entry = Extract<Field, { kind: 'text' | 'email' | 'code' | 'password' }>;

function labelled(field: Entry, place: FieldPlace, say: Say): Markup {
  const errorId = `${place.id}-error`;
  const label = say(field.label);
  const isWrong = field.error !== undefined;
  const control = html`<input id="${place.id}" name="${field.name}"${kindAttributes(field)} maxlength="${field.maxLength}"${flag('required', field.required)}${isWrong ? html` aria-invalid="true" aria-describedby="${errorId}"` : null}${flag('autofocus', place.autofocus)}>`;
  const error =
    field.error === undefined
      ? null
      : html`<p class="error" id="${errorId}">${icon('warning')}<span class="unseen">${say(text('page.error'))} </span>${say(field.error)}</p>`;
  return html`<div class="field${isWrong ? ' wrong' : ''}"><label for="${place.id}">${label}</label>${error}${
    field.kind === 'password'
      ? html`<div class="secret">${control}${reveal(place, label, say)}</div>`
      : control
  }</div>`;
}

/** Type, autofill and keyboard of each kind (WCAG 1.3.5). */
function kindAttributes(field: Entry): Markup {
  switch (field.kind) {
    case 'password':
      return html` type="password" autocomplete="${field.autocomplete}" autocapitalize="none" spellcheck="false"`;
    case 'code':
      return html` type="text" class="code" inputmode="numeric" autocomplete="${field.autocomplete ?? 'one-time-code'}" autocapitalize="none" spellcheck="false"${valueOf(field)}`;
    case 'email':
      return html` type="email" autocomplete="${field.autocomplete ?? 'email'}" autocapitalize="none" spellcheck="false"${valueOf(field)}`;
    case 'text':
      return html` type="text"${field.autocomplete === undefined ? null : html` autocomplete="${field.autocomplete}"`} autocapitalize="none" spellcheck="false"${valueOf(field)}`;
  }
}

function valueOf(field: { readonly value?: string }): Markup | null {
  return field.value === undefined ? null : html` value="${field.value}"`;
}

/** Hidden until the script, which alone can make it work, shows it. */
function reveal(place: FieldPlace, label: string, say: Say): Markup {
  const [show, hide] = [
    say(text('page.show-field', { label })),
    say(text('page.hide-field', { label })),
  ];
  return html`<button type="button" class="reveal" hidden aria-controls="${place.id}" aria-label="${show}" data-show="${say(text('page.show'))}" data-hide="${say(text('page.hide'))}" data-show-label="${show}" data-hide-label="${hide}">${say(text('page.show'))}</button>`;
}

/** Shown as text; the control behind it is there so that password managers know whose password is asked. */
function username(
  field: Extract<Field, { kind: 'username' }>,
  place: FieldPlace,
  say: Say,
): Markup {
  const { restart } = place;
  return html`<div class="whose"><p><span>${say(text('page.signing-in-as'))}</span> <strong>${field.value}</strong></p>${
    restart === null ? null : html`<a href="${restart.url}">${restart.label}</a>`
  }<input class="unseen" type="text" name="username" value="${field.value}" autocomplete="username" readonly tabindex="-1" aria-hidden="true"></div>`;
}

function flag(name: 'required' | 'checked' | 'autofocus', isSet: boolean): Markup | null {
  if (!isSet) return null;
  return name === 'required'
    ? html` required`
    : name === 'checked'
      ? html` checked`
      : html` autofocus`;
}

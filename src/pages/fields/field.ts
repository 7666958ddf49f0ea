/** One field of a challenge as form controls, whatever its kind: complete without script where a browser allows it. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import { passkeyMarkup, workMarkup } from './browser-field.ts';
import { captchaMarkup } from './captcha.ts';
import { entryMarkup } from './entry-field.ts';
import { type FieldPlace, flag } from './field-place.ts';
import { optionsMarkup } from './options-field.ts';
import { codesMarkup, qrMarkup } from './secret-field.ts';

/** The field as markup. */
export function fieldMarkup(field: Field, place: FieldPlace, say: Say): Markup {
  switch (field.kind) {
    case 'text-block':
      return html`<p class="block">${say(field.text)}</p>`;
    case 'alert':
      return alert(field, say);
    case 'separator':
      return html`<hr>`;
    case 'username':
      return username(field, place, say);
    case 'checkbox':
      return html`<div class="check"><input type="checkbox" id="${place.id}" name="${field.name}" value="on"${flag('checked', field.checked)}><label for="${place.id}">${say(field.label)}</label></div>`;
    case 'radio':
    case 'dropdown':
    case 'choice':
      return optionsMarkup(field, place, say);
    case 'qr':
      return qrMarkup(field, place, say);
    case 'codes':
      return codesMarkup(field, place, say);
    case 'passkey':
      return passkeyMarkup(field, place, say);
    case 'work':
      return workMarkup(field, place, say);
    case 'captcha':
      return captchaMarkup(field, place, say);
    default:
      return entryMarkup(field, place, say);
  }
}

/** Part of the page from the start, so it is read in its place and not called out. */
function alert(field: Extract<Field, { kind: 'alert' }>, say: Say): Markup {
  if (field.tone === 'info') {
    return html`<div class="notice">${icon('info')}<p>${say(field.text)}</p></div>`;
  }
  return html`<div class="notice warning">${icon('warning')}<p><span class="unseen">${say(text('page.warning'))} </span>${say(field.text)}</p></div>`;
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

/** One field of a challenge as form controls. Works without script where browsers allow it. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import { passkeyMarkup, workMarkup } from './browser-field.ts';
import { captchaMarkup } from './captcha.ts';
import { type FieldSlot, flags } from './field-slot.ts';
import { inputMarkup } from './input-field.ts';
import { itemsMarkup } from './items-field.ts';
import { checkboxesMarkup, optionsMarkup } from './options-field.ts';
import { codesMarkup, qrMarkup, secretMarkup } from './secret-field.ts';

/** The field as markup. */
export function fieldMarkup(field: Field, slot: FieldSlot, say: Say): Markup {
  switch (field.kind) {
    case 'text-block':
      return html`<p class="block">${say(field.text)}</p>`;
    case 'alert':
      return alert(field, say);
    case 'separator':
      return html`<hr>`;
    case 'username':
      return username(field, slot, say);
    case 'checkbox':
      return html`<div class="check"><input type="checkbox" id="${slot.id}" name="${field.name}" value="on"${flags({ checked: field.checked })}><label for="${slot.id}">${say(field.label)}</label></div>`;
    case 'radio':
    case 'dropdown':
    case 'choice':
      return optionsMarkup(field, slot, say);
    case 'checkboxes':
      return checkboxesMarkup(field, slot, say);
    case 'items':
      return itemsMarkup(field, slot, say);
    case 'secret':
      return secretMarkup(field, slot, say);
    case 'qr':
      return qrMarkup(field, slot, say);
    case 'codes':
      return codesMarkup(field, slot, say);
    case 'passkey':
      return passkeyMarkup(field, slot, say);
    case 'work':
      return workMarkup(field, slot, say);
    case 'captcha':
      return captchaMarkup(field, slot, say);
    default:
      return inputMarkup(field, slot, say);
  }
}

/** Part of the page from the start, so screen readers read it in order instead of announcing it. */
function alert(field: Extract<Field, { kind: 'alert' }>, say: Say): Markup {
  if (field.tone === 'info') {
    return html`<div class="notice">${icon('info')}<p>${say(field.text)}</p></div>`;
  }
  return html`<div class="notice warning">${icon('warning')}<p><span class="unseen">${say(text('page.warning'))} </span>${say(field.text)}</p></div>`;
}

/** Shown as text. The hidden control tells password managers whose password the page asks for. */
function username(field: Extract<Field, { kind: 'username' }>, slot: FieldSlot, say: Say): Markup {
  const { restart } = slot;
  return html`<div class="whose"><p><span>${say(text('page.signing-in-as'))}</span> <strong>${field.value}</strong></p>${
    restart === null ? null : html`<a href="${restart.url}">${restart.label}</a>`
  }<input class="unseen" type="text" name="username" value="${field.value}" autocomplete="username" readonly tabindex="-1" aria-hidden="true"></div>`;
}

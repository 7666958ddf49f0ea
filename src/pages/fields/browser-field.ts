/** Fields that the browser answers by itself with the help of our scripts: a passkey, a proof of work. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import type { FieldPlace } from './field-place.ts';

const PASSKEY_WORDS = [
  'waiting',
  'cancelled',
  'exists',
  'address',
  'unable',
  'failed',
  'none',
] as const;
const WORK_WORDS = ['done', 'failed', 'insecure'] as const;

/** A button that opens the browser's dialogue. It comes to life with the script alone, and says so without. */
export function passkeyMarkup(
  field: Extract<Field, { kind: 'passkey' }>,
  place: FieldPlace,
  say: Say,
): Markup {
  const words = PASSKEY_WORDS.map(
    (word) => html` data-${word}="${say(text(`field.passkey.${word}`))}"`,
  );
  // The main button is the one that Enter presses, in whatever field.
  const [type, look] = place.isPrimary ? ['submit', 'button'] : ['button', 'plain-button'];
  return html`<div class="passkey" data-ceremony="${field.ceremony}"${field.conditional ? html` data-conditional` : null} data-options="${JSON.stringify(field.options)}"${words}><input type="hidden" name="${field.name}" value="" autocomplete="off"><button type="${type}" class="${look}" id="${place.id}" hidden disabled${place.focus === 'never' ? null : html` data-focus`}>${icon('key')}${say(field.label)}</button><p class="told" role="alert"></p>${withoutScript(say(text('field.passkey.no-script')))}</div>`;
}

/** The sum is done in the background; whoever sends the form before it is done waits for it. */
export function workMarkup(
  field: Extract<Field, { kind: 'work' }>,
  place: FieldPlace,
  say: Say,
): Markup {
  const words = WORK_WORDS.map((word) => html` data-${word}="${say(text(`field.work.${word}`))}"`);
  return html`<div class="work" id="${place.id}" data-task="${JSON.stringify(field.task)}"${words}><input type="hidden" name="${field.name}" value="" autocomplete="off">${icon('shield')}<p role="status">${say(field.label)}</p>${withoutScript(say(text('field.work.no-script')))}</div>`;
}

/** What to do about it where scripts are off. */
export function withoutScript(words: string): Markup {
  return html`<noscript><p class="help">${words}</p></noscript>`;
}

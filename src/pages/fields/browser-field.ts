/** Fields that the browser fills in with our scripts: a passkey, a proof of work. */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import { icon, type Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import type { FieldSlot } from './field-slot.ts';

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

/** A button that opens the browser's dialog. Without script, a text explains what is needed. */
export function passkeyMarkup(
  field: Extract<Field, { kind: 'passkey' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const words = PASSKEY_WORDS.map(
    (word) => html` data-${word}="${say(text(`field.passkey.${word}`))}"`,
  );
  // Enter in any field presses the first submit button.
  const [type, look] = slot.isPrimary ? ['submit', 'button'] : ['button', 'plain-button'];
  return html`<div class="passkey" data-ceremony="${field.ceremony}"${field.conditional ? html` data-conditional` : null} data-options="${JSON.stringify(field.options)}"${words}><input type="hidden" name="${field.name}" value="" autocomplete="off"><button type="${type}" class="${look}" id="${slot.id}" hidden disabled${slot.focus === 'never' ? null : html` data-focus`}>${icon('key')}${say(field.label)}</button><p class="message" role="alert"></p>${withoutScript(say(text('field.passkey.no-script')))}</div>`;
}

/** The browser solves the task in the background. A form submitted earlier waits for the result. */
export function workMarkup(
  field: Extract<Field, { kind: 'work' }>,
  slot: FieldSlot,
  say: Say,
): Markup {
  const words = WORK_WORDS.map((word) => html` data-${word}="${say(text(`field.work.${word}`))}"`);
  return html`<div class="work" id="${slot.id}" data-task="${JSON.stringify(field.task)}"${words}><input type="hidden" name="${field.name}" value="" autocomplete="off">${icon('shield')}<p role="status">${say(field.label)}</p>${withoutScript(say(text('field.work.no-script')))}</div>`;
}

/** What to do if scripts are off. */
export function withoutScript(words: string): Markup {
  return html`<noscript><p class="help">${words}</p></noscript>`;
}

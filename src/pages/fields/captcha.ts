/** A captcha's slot in the form, which the provider's script fills. */
import { html } from 'hono/html';
import { type Captcha, PROVIDERS } from '../frame/captcha-providers.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import { withoutScript } from './browser-field.ts';
import type { FieldSlot } from './field-slot.ts';

/** The captcha, and which provider is behind it. */
export function captchaMarkup(field: Captcha, slot: FieldSlot, say: Say): Markup {
  const { name: provider, widgetClass } = PROVIDERS[field.provider];
  return html`<div class="captcha" id="${slot.id}" role="group" aria-label="${say(field.label)}" data-name="${field.name}"><div class="${widgetClass}" data-sitekey="${field.siteKey}"></div><p class="help">${say(text('field.captcha.by', { provider }))}</p>${withoutScript(say(text('field.captcha.no-script')))}</div>`;
}

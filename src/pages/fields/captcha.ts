/**
 * Somebody else's captcha: its place in the form, its script, and what the page's policy admits for
 * it. The only thing of a third party that any page of ours may load, and only where it is asked for.
 */
import { html } from 'hono/html';
import type { Field } from '../../core/flow/challenge.ts';
import type { Say } from '../frame/document.ts';
import type { Markup } from '../frame/icons.ts';
import { text } from '../texts/texts.ts';
import { withoutScript } from './browser-field.ts';
import type { FieldPlace } from './field-place.ts';

export type Captcha = Extract<Field, { kind: 'captcha' }>;

interface Provider {
  readonly name: string;
  /** Class by which its script finds its place. */
  readonly place: string;
  readonly script: string;
  /** Sources for each directive, as the provider documents them. */
  readonly admits: Readonly<Record<string, readonly string[]>>;
}

const HCAPTCHA = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];

const PROVIDERS: Readonly<Record<Captcha['provider'], Provider>> = {
  turnstile: {
    name: 'Cloudflare Turnstile',
    place: 'cf-turnstile',
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    admits: {
      'script-src': ['https://challenges.cloudflare.com'],
      'frame-src': ['https://challenges.cloudflare.com'],
    },
  },
  hcaptcha: {
    name: 'hCaptcha',
    place: 'h-captcha',
    script: 'https://js.hcaptcha.com/1/api.js',
    admits: {
      'script-src': HCAPTCHA,
      'frame-src': HCAPTCHA,
      'style-src': HCAPTCHA,
      'connect-src': HCAPTCHA,
    },
  },
  recaptcha: {
    name: 'Google reCAPTCHA',
    place: 'g-recaptcha',
    script: 'https://www.google.com/recaptcha/api.js',
    admits: {
      'script-src': ['https://www.google.com/recaptcha/', 'https://www.gstatic.com/recaptcha/'],
      'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
      'connect-src': ['https://www.google.com/recaptcha/'],
    },
  },
};

/** The captchas among fields; at most one of each provider makes sense. */
export function captchasOf(fields: readonly Field[]): readonly Captcha[] {
  return fields.filter((field) => field.kind === 'captcha');
}

/** URL of the provider's script. */
export function captchaScript(captcha: Captcha): string {
  return PROVIDERS[captcha.provider].script;
}

/** What the page's policy must admit for these fields, by directive; nothing for most. */
export function captchaSources(fields: readonly Field[]): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const { provider } of captchasOf(fields)) {
    for (const [directive, more] of Object.entries(PROVIDERS[provider].admits)) {
      sources.set(directive, [...new Set([...(sources.get(directive) ?? []), ...more])]);
    }
  }
  return sources;
}

/** Its place in the form, and who is behind it. */
export function captchaMarkup(field: Captcha, place: FieldPlace, say: Say): Markup {
  const { name: provider, place: found } = PROVIDERS[field.provider];
  return html`<div class="captcha" id="${place.id}" role="group" aria-label="${say(field.label)}" data-name="${field.name}"><div class="${found}" data-sitekey="${field.siteKey}"></div><p class="help">${say(text('field.captcha.by', { provider }))}</p>${withoutScript(say(text('field.captcha.no-script')))}</div>`;
}

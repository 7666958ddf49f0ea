/**
 * Captcha providers: their scripts and the sources that a page's Content-Security-Policy must admit
 * for them. A captcha is the only third-party content on any page, and only where a stage asks for it.
 */
import type { Field } from '../../core/flow/challenge.ts';

export type Captcha = Extract<Field, { kind: 'captcha' }>;

interface Provider {
  /** As users see it. */
  readonly name: string;
  /** Class of the element that the provider's script fills. */
  readonly widgetClass: string;
  readonly script: string;
  /** Sources by CSP directive, as the provider documents them. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

const HCAPTCHA = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];

export const PROVIDERS: Readonly<Record<Captcha['provider'], Provider>> = {
  turnstile: {
    name: 'Cloudflare Turnstile',
    widgetClass: 'cf-turnstile',
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    sources: {
      'script-src': ['https://challenges.cloudflare.com'],
      'frame-src': ['https://challenges.cloudflare.com'],
    },
  },
  hcaptcha: {
    name: 'hCaptcha',
    widgetClass: 'h-captcha',
    script: 'https://js.hcaptcha.com/1/api.js',
    sources: {
      'script-src': HCAPTCHA,
      'frame-src': HCAPTCHA,
      'style-src': HCAPTCHA,
      'connect-src': HCAPTCHA,
    },
  },
  recaptcha: {
    name: 'Google reCAPTCHA',
    widgetClass: 'g-recaptcha',
    script: 'https://www.google.com/recaptcha/api.js',
    sources: {
      'script-src': ['https://www.google.com/recaptcha/', 'https://www.gstatic.com/recaptcha/'],
      'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
      'connect-src': ['https://www.google.com/recaptcha/'],
    },
  },
};

function captchasOf(fields: readonly Field[]): readonly Captcha[] {
  return fields.filter((field) => field.kind === 'captcha');
}

/** URLs of the scripts that these fields need, each once. */
export function captchaScripts(fields: readonly Field[]): readonly string[] {
  return [...new Set(captchasOf(fields).map(({ provider }) => PROVIDERS[provider].script))];
}

/** Sources that the page's policy must admit for these fields, by directive. */
export function captchaSources(fields: readonly Field[]): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const { provider } of captchasOf(fields)) {
    for (const [directive, more] of Object.entries(PROVIDERS[provider].sources)) {
      sources.set(directive, [...new Set([...(sources.get(directive) ?? []), ...more])]);
    }
  }
  return sources;
}

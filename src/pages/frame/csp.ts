/**
 * Content-Security-Policy of the pages (CSP 3): nothing inline, no third party except the captcha that
 * a page asks for, and no framing except of the page that is for frames.
 */
import type { Field } from '../../core/flow/challenge.ts';
import { captchaSources } from './captcha-providers.ts';

/** Sources of a page and targets of its form. */
export interface CspInput {
  /** `https://auth.example.com`. */
  readonly portalOrigin: string;
  /**
   * URLs or origins that submitting the form may redirect to. Chromium applies `form-action` to the
   * whole redirect chain, so the checked return-to must be listed. `app`: an app of this very host
   * receives the form, and may redirect it anywhere. Null: the page has no form.
   */
  readonly formTargets: readonly (string | null)[] | 'app' | null;
  /** The challenge's fields; a captcha among them admits its provider. Left out: none. */
  readonly fields?: readonly Field[];
  /** Which pages may frame this one; left out: none. */
  readonly ancestors?: '*';
}

const ORIGIN = /^https?:\/\/[a-z0-9_.-]+(?::[0-9]{1,5})?$/;

/** The header's value. A target that is not a plain http(s) origin is left out, which is the stricter policy. */
export function contentSecurityPolicy(input: CspInput): string {
  const portal = originOf(input.portalOrigin);
  const own = portal ?? "'none'";
  const { formTargets } = input;
  const listed = formTargets === 'app' ? [] : (formTargets ?? []);
  const targets = listed.flatMap((target) => {
    const origin = target === null ? null : originOf(target);
    return origin === null || origin === portal ? [] : [origin];
  });
  const hasScript = formTargets !== null && formTargets !== 'app';
  const captcha = captchaSources(input.fields ?? []);
  const loads = (directive: string, ...always: readonly string[]): string[] => {
    const sources = [...always, ...(captcha.get(directive) ?? [])];
    return sources.length === 0 ? [] : [`${directive} ${sources.join(' ')}`];
  };
  return [
    "default-src 'none'",
    ...loads('style-src', own),
    ...loads('img-src', own),
    ...(hasScript ? loads('script-src', own) : []),
    ...loads('frame-src'),
    ...loads('connect-src'),
    `form-action ${formsOf(formTargets, targets)}`,
    "base-uri 'none'",
    `frame-ancestors ${input.ancestors ?? "'none'"}`,
  ].join('; ');
}

function formsOf(given: CspInput['formTargets'], targets: readonly string[]): string {
  if (given === null) return "'none'";
  return given === 'app' ? "'self' https: http:" : [...new Set(["'self'", ...targets])].join(' ');
}

function originOf(url: string): string | null {
  try {
    const { origin } = new URL(url);
    return ORIGIN.test(origin) ? origin : null;
  } catch {
    // Named fallback: a URL that does not parse is not a source.
    return null;
  }
}

/**
 * Content-Security-Policy of our pages (CSP 3): nothing inline, nothing from anybody else but a
 * captcha where one is asked, framed by nobody.
 */
import type { Field } from '../../core/flow/challenge.ts';
import { captchaSources } from '../fields/captcha.ts';

/** Where a page gets its parts and where its form may lead. */
export interface CspInput {
  /** `https://auth.example.com`. */
  readonly portalOrigin: string;
  /**
   * URLs or origins to which answering the form may redirect: Chromium applies `form-action` to
   * the whole redirect chain, so the checked return-to must be listed. Null: the page has no form.
   */
  readonly formTargets: readonly (string | null)[] | null;
  /** The challenge's fields, of which a captcha admits its provider. None when left out. */
  readonly fields?: readonly Field[];
}

const ORIGIN = /^https?:\/\/[a-z0-9_.-]+(?::[0-9]{1,5})?$/;

/** The header's value. A target that is no plain http(s) origin is left out, which closes rather than opens. */
export function contentSecurityPolicy(input: CspInput): string {
  const portal = originOf(input.portalOrigin);
  const own = portal ?? "'none'";
  const targets = (input.formTargets ?? []).flatMap((target) => {
    const origin = target === null ? null : originOf(target);
    return origin === null || origin === portal ? [] : [origin];
  });
  const forms =
    input.formTargets === null ? "'none'" : [...new Set(["'self'", ...targets])].join(' ');
  const captcha = captchaSources(input.fields ?? []);
  const loads = (directive: string, ...always: readonly string[]): string[] => {
    const sources = [...always, ...(captcha.get(directive) ?? [])];
    return sources.length === 0 ? [] : [`${directive} ${sources.join(' ')}`];
  };
  return [
    "default-src 'none'",
    ...loads('style-src', own),
    ...loads('img-src', own),
    ...(input.formTargets === null ? [] : loads('script-src', own)),
    ...loads('frame-src'),
    ...loads('connect-src'),
    `form-action ${forms}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function originOf(url: string): string | null {
  try {
    const { origin } = new URL(url);
    return ORIGIN.test(origin) ? origin : null;
  } catch {
    // Named fallback: what does not parse is no source.
    return null;
  }
}

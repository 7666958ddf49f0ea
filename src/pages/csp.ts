/** Content-Security-Policy of our pages (CSP 3): nothing inline, nothing from anybody else, framed by nobody. */

/** Where a page gets its parts and where its form may lead. */
export interface CspInput {
  /** `https://auth.example.com`. */
  readonly portalOrigin: string;
  /**
   * URLs or origins to which answering the form may redirect: Chromium applies `form-action` to
   * the whole redirect chain, so the checked return-to must be listed. Null: the page has no form.
   */
  readonly formTargets: readonly (string | null)[] | null;
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
  return [
    "default-src 'none'",
    `style-src ${own}`,
    `img-src ${own}`,
    ...(input.formTargets === null ? [] : [`script-src ${own}`]),
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

/**
 * Expires a cookie in every scope where a browser may have stored it. Two cookies of the same name
 * are never accepted, and browsers do not reveal the scope of a cookie, so every possible scope is
 * expired.
 */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Limit of parent domains to try. Browsers ignore those that are public suffixes. */
const MOST = 10;

/**
 * Set-Cookie values that expire each name for the host alone and for each of its parent domains.
 */
export function expiredEverywhere(
  names: readonly string[],
  host: string,
  scheme: 'http' | 'https',
): string[] {
  // Browsers accept changes to a `__Secure-` cookie, including its removal, only with this
  // attribute.
  const secure = scheme === 'https' ? '; Secure' : '';
  const scopes = ['', ...domainsOf(host).map((domain) => `; Domain=${domain}`)];
  return names.flatMap((name) =>
    scopes.map((scope) => `${name}=; Path=/; HttpOnly; SameSite=Lax${secure}${scope}; Max-Age=0`),
  );
}

/** `a.b.example.com`, `b.example.com`, `example.com`. */
function domainsOf(host: string): readonly string[] {
  if (ADDRESS.test(host)) return [];
  const labels = host.split('.');
  const domains = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  return domains.slice(-MOST);
}

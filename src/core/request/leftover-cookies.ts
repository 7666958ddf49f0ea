/**
 * Expires a cookie wherever a browser may keep it. Two cookies of one name are never
 * accepted, and a browser never says which scopes they have: each scope it could have is expired.
 */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Most parent domains that are tried; browsers refuse the public suffixes among them. */
const MOST = 10;

/** Set-Cookie lines for the host alone and for each domain above it, for each of the names. */
export function expiredEverywhere(
  names: readonly string[],
  host: string,
  scheme: 'http' | 'https',
): string[] {
  // Browsers take a `__Secure-` cookie, its end too, with this attribute only.
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

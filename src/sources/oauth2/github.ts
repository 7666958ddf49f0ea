/**
 * What GitHub says of a user beside /user: the verified address and the memberships. The address in
 * /user is what the user wants to show, and is not used.
 */
import { sourceRefused } from '../../core/sources/source.ts';
import { isRecord, valueAt } from '../../core/values/record.ts';
import type { OauthOptions } from './options.ts';
import type { ReadResource } from './resource.ts';

/** Media type of the API (version 3). */
export const GITHUB_JSON = 'application/vnd.github+json';

const PAGE = 100;
const MAX_PAGES = 10;

/** Claims that replace those of /user. */
export async function githubDetails(
  read: ReadResource,
  { scopes, userinfoUrl }: Pick<OauthOptions, 'scopes' | 'userinfoUrl'>,
): Promise<Readonly<Record<string, unknown>>> {
  const readsEmails = scopes.includes('user:email') || scopes.includes('user');
  const [emails, groups] = await Promise.all([
    readsEmails ? list(read, `${userinfoUrl}/emails`) : [],
    scopes.includes('read:org') ? memberships(read, userinfoUrl) : null,
  ]);
  const own = emails.find((one) => isRecord(one) && one.primary === true && one.verified === true);
  const email = valueAt(own, ['email']) ?? null;
  return { email, email_verified: email !== null, groups };
}

/** `org` for each organization, and `org/team` for each team. */
async function memberships(read: ReadResource, url: string): Promise<readonly string[]> {
  const [organizations, teams] = await Promise.all([
    list(read, `${url}/memberships/orgs`),
    list(read, `${url}/teams`),
  ]);
  const own = organizations
    // Invited users are no members.
    .filter((one) => valueAt(one, ['state']) === 'active')
    .map((one) => valueAt(one, ['organization', 'login']));
  const names = new Set(own.filter((name) => typeof name === 'string'));
  const inTeams = teams.flatMap((team) => {
    const organization = valueAt(team, ['organization', 'login']);
    const slug = valueAt(team, ['slug']);
    const isOwn = typeof organization === 'string' && names.has(organization);
    return isOwn && typeof slug === 'string' ? [`${organization}/${slug}`] : [];
  });
  return [...names, ...inTeams];
}

/** All pages of a list. */
async function list(read: ReadResource, url: string): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const part = await read(`${url}?per_page=${PAGE}&page=${page}`);
    if (!Array.isArray(part)) throw sourceRefused(new Error(`${new URL(url).pathname} is no list`));
    all.push(...part);
    if (part.length < PAGE) return all;
  }
  throw sourceRefused(new Error(`${new URL(url).pathname} has more than ${MAX_PAGES} pages`));
}

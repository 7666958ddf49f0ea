/**
 * A provider without a network, for tests of flows: `answer` makes what a browser would bring back, and
 * `finish` believes exactly such answers. Also links in memory.
 */
import { NO_POLICIES } from '../../src/core/policy/policy.ts';
import {
  MAX_ISSUER,
  MOST_LINKS,
  type SourceLink,
  type SourceLinks,
} from '../../src/core/sources/source-link.ts';
import type { ConfiguredSource, SourceRule, Sources } from '../../src/core/sources/source-rule.ts';
import {
  type Passage,
  type Source,
  sourceDenied,
  type SourceProfile,
  sourceRefused,
  sourceUnavailable,
} from '../../src/core/sources/source.ts';
import { Problem } from '../../src/core/values/problem.ts';

export const ISSUER = 'https://login.example.net';

/** What the provider says of zoe. */
export function testProfile(changes: Partial<SourceProfile> = {}): SourceProfile {
  return {
    subject: 'zoe-1',
    issuer: ISSUER,
    email: 'zoe@example.com',
    emailVerified: true,
    username: 'zoe',
    displayName: 'Zoe Example',
    groups: null,
    claims: {},
    sid: null,
    refreshToken: null,
    idToken: null,
    ...changes,
  };
}

export interface FakeSource extends Source {
  /** Visits begun, oldest first. */
  readonly visits: (Passage & { username: string | null; prompt: 'login' | null })[];
  /** Codes redeemed, in order. */
  readonly redeemed: string[];
  /** Whose account the browser is signed in with at the provider. */
  profile: SourceProfile;
  isDown: boolean;
  /** Whether it gives answers that are not valid. */
  isConfused: boolean;
  /** Whether the account was closed. */
  isGone: boolean;
  /** The only refresh token that it accepts, if each is used once; null: any, again and again. */
  current: string | null;
  /** Refresh tokens used, in order. */
  readonly rechecks: string[];
  /** When set, checks wait for it. */
  delay: Promise<void> | null;
  /** Where `begin` leads; the issuer unless set. */
  leadsTo: string;
  /** What the provider redirects the browser back with for a visit, as a query string. */
  answer(visit: number, changes?: Readonly<Record<string, string>>): string;
}

/** A source named `company`. */
export function fakeSource(name = 'company'): FakeSource {
  const source: FakeSource = {
    name,
    title: 'Company',
    mark: 'C',
    origins: [ISSUER],
    returnsBy: 'query',
    provesAge: true,
    visits: [],
    redeemed: [],
    profile: testProfile(),
    isDown: false,
    isConfused: false,
    isGone: false,
    current: null,
    rechecks: [],
    delay: null,
    leadsTo: ISSUER,
    answer(visit, changes = {}) {
      const passage = source.visits.at(visit);
      if (passage === undefined) throw new Error(`no visit ${visit}`);
      const answer = { code: `code-of-${passage.nonce}`, state: passage.state, ...changes };
      return new URLSearchParams(answer).toString();
    },
    begin(passage, hints) {
      if (source.isDown) return Promise.reject(sourceUnavailable(null));
      source.visits.push({ ...passage, ...hints });
      const query = new URLSearchParams({
        state: passage.state,
        redirect_uri: passage.redirectUri,
      });
      return Promise.resolve(`${source.leadsTo}/authorize?${query.toString()}`);
    },
    finish(passage, returned) {
      if (source.isDown) return Promise.reject(sourceUnavailable(null));
      if (returned.has('error')) return Promise.reject(sourceDenied(null));
      const code = returned.get('code') ?? '';
      const isKnown = code === `code-of-${passage.nonce}` && !source.redeemed.includes(code);
      if (!isKnown) return Promise.reject(sourceRefused(null));
      source.redeemed.push(code);
      return Promise.resolve(source.profile);
    },
    async recheck({ refreshToken }, renewed) {
      source.rechecks.push(refreshToken);
      if (source.delay !== null) await source.delay;
      if (source.isDown) throw sourceUnavailable(null);
      if (source.isConfused) throw sourceRefused(null);
      if (source.current !== null && source.current !== refreshToken) {
        return { stands: false, profile: null };
      }
      if (source.current !== null) {
        source.current = `${refreshToken}+`;
        await renewed(source.current);
      }
      return { stands: !source.isGone, profile: source.isGone ? null : source.profile };
    },
    signOutUrl: () => Promise.resolve(null),
    readLogout: () => Promise.reject(sourceRefused(null)),
    close: () => Promise.resolve(),
  };
  return source;
}

/** The rule of a source that admits every account and knows no user. */
export function testRule(changes: Partial<SourceRule> = {}): SourceRule {
  return {
    name: 'company',
    title: null,
    mark: null,
    admit: NO_POLICIES,
    unknown: { kind: 'refuse' },
    link: 'subject',
    groups: null,
    secondFactor: { amr: [], acr: [] },
    recheck: null,
    signOut: false,
    ...changes,
  };
}

/** The configured sources; `company` unless given. */
export function fakeSources(
  ...given: readonly ConfiguredSource[]
): Sources & { all: ConfiguredSource[] } {
  const all = given.length > 0 ? [...given] : [{ source: fakeSource(), rule: testRule() }];
  return {
    all,
    list: () => all,
    find: (name) => all.find(({ rule }) => rule.name === name) ?? null,
  };
}

/** Links in memory, as the contract says. */
export function fakeLinks(): SourceLinks & { readonly all: SourceLink[] } {
  const all: SourceLink[] = [];
  const at = (one: { issuer: string; subject: string }): number =>
    all.findIndex(({ issuer, subject }) => issuer === one.issuer && subject === one.subject);
  return {
    all,
    sourceLink: (account) => Promise.resolve(all[at(account)] ?? null),
    sourceLinks: (userId) =>
      Promise.resolve(
        all
          .filter((one) => one.userId === userId)
          .sort((one, other) => one.createdAt - other.createdAt),
      ),
    linkSource(link) {
      const { issuer, subject, userId, source } = link;
      const isFit = issuer.length <= MAX_ISSUER && subject.length <= 255 && source.length <= 64;
      if (!isFit || [issuer, subject, userId, source].includes('')) {
        return Promise.reject(new Problem('source/shape', 'shape', { status: 400 }));
      }
      const known = all[at(link)];
      if (known !== undefined && known.userId !== link.userId) {
        return Promise.reject(new Problem('source/linked', 'linked', { status: 409 }));
      }
      if (known !== undefined) return Promise.resolve();
      if (all.filter((one) => one.userId === userId).length >= MOST_LINKS) {
        return Promise.reject(new Problem('source/too-many', 'too many', { status: 409 }));
      }
      all.push(link);
      return Promise.resolve();
    },
    useSource(account, use) {
      const index = at(account);
      const known = all[index];
      if (known !== undefined) all[index] = { ...known, source: use.source, lastUsedAt: use.at };
      return Promise.resolve();
    },
    unlinkSource(userId, account) {
      const index = at(account);
      if (all[index]?.userId !== userId) return Promise.resolve(false);
      all.splice(index, 1);
      return Promise.resolve(true);
    },
  };
}

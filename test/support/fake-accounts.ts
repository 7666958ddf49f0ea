/**
 * An in-memory account store, for tests of stages, flows and commands. It fulfills the contract of
 * core/people/account.ts (the contract suite tests it as well), but seals nothing.
 */
import {
  type Accounts,
  type Authenticator,
  type AuthenticatorKind,
  type Consent,
  type Ending,
  DEVICE_KNOWN_FOR,
  type Invitation,
  type KnownDevice,
  MOST_AUTHENTICATORS,
  MOST_FACTOR_FAILURES,
  MOST_PASSWORDS,
  MOST_SIGN_INS,
  type SignIn,
} from '../../src/core/people/account.ts';
import type { ChangeListener } from '../../src/core/people/session-store.ts';
import type { Token } from '../../src/core/people/token.ts';
import type { Clock } from '../../src/core/values/system.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { fakeTokens } from './fake-tokens.ts';
import { fakeClock, START } from './fakes.ts';

const MOST_DEVICES = 50;

/** The store, with access to its contents. */
export interface FakeAccounts extends Accounts {
  readonly all: {
    authenticators: Authenticator[];
    devices: KnownDevice[];
    /** Oldest first. */
    signIns: SignIn[];
    endings: Ending[];
    floors: { userId: string | null; at: number; exceptId: string | undefined }[];
    passwords: { userId: string; hash: string; at: number }[];
    consents: Consent[];
    invitations: Invitation[];
    /** By user id. */
    factorTries: Map<string, { taken: number; at: number }>;
    tokens: Token[];
  };
  /** When set, every call rejects with it. */
  fault: Error | null;
  /** Calls that write, in order: `addAuthenticator`, `forgetUser`, … */
  readonly writes: string[];
}

/** An authenticator of `fake/ann`; TOTP with a secret by default. */
export function testAuthenticator(changes: Partial<Authenticator> = {}): Authenticator {
  return {
    id: 'authenticator-of-ann-1',
    userId: 'fake/ann',
    kind: 'totp',
    name: 'Phone',
    createdAt: START,
    lastUsedAt: null,
    handle: '',
    data: { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', digits: 6, period: 30 },
    ...changes,
  };
}

/** An invitation to `enrollment`, valid for a week. */
export function testInvitation(changes: Partial<Invitation> = {}): Invitation {
  return {
    id: 'invitation-of-fake',
    tokenName: 'invitation:token',
    flow: 'enrollment',
    singleUse: true,
    data: {},
    note: '',
    createdAt: START,
    expiresAt: START + 7 * 86_400_000,
    used: 0,
    ...changes,
  };
}

/** An empty store, or one with these contents. */
export function fakeAccounts(
  authenticators: readonly Authenticator[] = [],
  clock: Clock = fakeClock(),
): FakeAccounts {
  const all: FakeAccounts['all'] = {
    authenticators: [...authenticators],
    devices: [],
    signIns: [],
    endings: [],
    floors: [],
    passwords: [],
    consents: [],
    invitations: [],
    factorTries: new Map(),
    tokens: [],
  };
  const listeners = new Set<ChangeListener>();
  const announce = (userId: string): void => {
    for (const listener of listeners) listener(userId);
  };
  const ready = (): void => {
    if (store.fault !== null) throw store.fault;
  };
  const write = (what: string): void => {
    ready();
    store.writes.push(what);
  };
  const of = (userId: string, kind?: AuthenticatorKind): Authenticator[] =>
    all.authenticators.filter(
      (a) => a.userId === userId && (kind === undefined || a.kind === kind),
    );
  const isGiven = (consent: Consent): boolean =>
    consent.expiresAt === null || clock.now() < consent.expiresAt;
  const put = (added: Authenticator): void => {
    const isTaken = all.authenticators.some(
      (a) => a.id === added.id || (added.handle !== '' && sameHandle(a, added)),
    );
    if (isTaken) throw new Problem('authenticator/exists', 'It is there already.', { status: 409 });
    if (of(added.userId, added.kind).length >= MOST_AUTHENTICATORS) {
      throw new Problem('authenticator/too-many', 'There are too many.', { status: 409 });
    }
    all.authenticators.push(added);
  };
  /** Replaces each matching item; returns their number. */
  const change = (
    fits: (a: Authenticator) => boolean,
    changed: (a: Authenticator) => Authenticator,
  ): boolean => {
    const found = all.authenticators.filter(fits);
    all.authenticators = all.authenticators.map((a) => (found.includes(a) ? changed(a) : a));
    return found.length > 0;
  };
  const store: FakeAccounts = {
    all,
    fault: null,
    writes: [],
    async authenticators(userId, kind) {
      ready();
      return of(userId, kind).sort((a, b) => b.createdAt - a.createdAt);
    },
    async authenticatorBy(kind, handle) {
      ready();
      if (handle === '') return null;
      return all.authenticators.find((a) => a.kind === kind && a.handle === handle) ?? null;
    },
    async hasPasskeysOf(rpId) {
      ready();
      return all.authenticators.some(
        ({ kind, data }) => kind === 'webauthn' && (data['rpId'] ?? rpId) === rpId,
      );
    },
    async isKnownDevice(userId, device, now) {
      ready();
      return all.devices.some((d) => d.userId === userId && d.device === device && isKnown(d, now));
    },
    async devices(userId, now) {
      ready();
      return all.devices
        .filter((d) => d.userId === userId && isKnown(d, now))
        .sort((a, b) => b.lastAt - a.lastAt);
    },
    async passwordHashes(userId, limit) {
      ready();
      const own = all.passwords.filter((p) => p.userId === userId).toReversed();
      return own.slice(0, Math.min(limit, MOST_PASSWORDS)).map(({ hash }) => hash);
    },
    async rememberPassword(userId, hash, at) {
      write('rememberPassword');
      all.passwords.push({ userId, hash, at });
    },
    async hasEnded({ id, userId, issuedAt, createdAt }) {
      ready();
      const isBefore = all.floors.some(
        (f) =>
          (f.userId === null || f.userId === userId) &&
          (issuedAt ?? createdAt) < f.at &&
          f.exceptId !== id,
      );
      return isBefore || all.endings.some((e) => e.id === id);
    },
    async sessionsValidFrom(userId) {
      ready();
      const own = all.floors.filter((f) => f.userId === null || f.userId === userId);
      return Math.max(0, ...own.map((f) => f.at));
    },
    async recordEnding(ending) {
      write('recordEnding');
      if (!all.endings.some((e) => e.id === ending.id)) all.endings.push(ending);
    },
    async moveSessionsValidFrom(userId, at, exceptId) {
      write('moveSessionsValidFrom');
      const under = all.floors.filter((f) => [null, userId].includes(f.userId) || userId === null);
      const current = Math.max(0, ...under.map((f) => f.at));
      const before = all.floors.find((f) => f.userId === userId);
      all.floors = all.floors.filter((f) => f !== before);
      all.floors.push({ userId, at: Math.max(at, current + 1), exceptId });
    },
    async factorLock(userId) {
      ready();
      const tries = all.factorTries.get(userId);
      return tries !== undefined && tries.taken >= MOST_FACTOR_FAILURES ? tries.at : null;
    },
    async takeFactorTry(userId, at) {
      write('takeFactorTry');
      if (userId === '') throw new Problem('factor/shape', 'There is no user.', { status: 400 });
      const taken = (all.factorTries.get(userId)?.taken ?? 0) + 1;
      if (taken > MOST_FACTOR_FAILURES) return 0;
      all.factorTries.set(userId, { taken, at });
      return taken;
    },
    async returnFactorTry(userId) {
      write('returnFactorTry');
      const tries = all.factorTries.get(userId);
      if (tries !== undefined) tries.taken = Math.max(0, tries.taken - 1);
    },
    async resetFactorTries(userId) {
      write('resetFactorTries');
      const taken = all.factorTries.get(userId)?.taken ?? 0;
      all.factorTries.delete(userId);
      return taken >= MOST_FACTOR_FAILURES;
    },
    async signIns(userId) {
      ready();
      return all.signIns.filter((s) => s.userId === userId).toReversed();
    },
    async consent(userId, route) {
      ready();
      return (
        all.consents.find((c) => c.userId === userId && c.route === route && isGiven(c)) ?? null
      );
    },
    async lastConsent(userId, route) {
      ready();
      return all.consents.find((c) => c.userId === userId && c.route === route) ?? null;
    },
    async consents(userId) {
      ready();
      return all.consents
        .filter((c) => c.userId === userId && isGiven(c))
        .sort((a, b) => b.at - a.at);
    },
    async invitation(tokenName) {
      ready();
      return all.invitations.find((i) => i.tokenName === tokenName) ?? null;
    },
    async addAuthenticator(authenticator) {
      write('addAuthenticator');
      put(authenticator);
      announce(authenticator.userId);
    },
    async addAuthenticators(many) {
      write('addAuthenticators');
      return many.map((one) => {
        try {
          put(one);
          announce(one.userId);
          return null;
        } catch (caught) {
          if (caught instanceof Problem) return caught;
          throw caught;
        }
      });
    },
    async replaceAuthenticators(userId, kind, replacements) {
      write('replaceAuthenticators');
      const before = all.authenticators;
      all.authenticators = before.filter((a) => a.userId !== userId || a.kind !== kind);
      try {
        for (const replacement of replacements) put(replacement);
      } catch (caught) {
        all.authenticators = before;
        throw caught;
      }
      announce(userId);
    },
    async useAuthenticator(id, at, data) {
      write('useAuthenticator');
      return change(
        (a) => a.id === id,
        (a) => ({
          ...a,
          lastUsedAt: Math.max(a.lastUsedAt ?? 0, at),
          ...(data === undefined ? {} : { data }),
        }),
      );
    },
    async renameAuthenticator(userId, id, name) {
      write('renameAuthenticator');
      return change(isMine(userId, id), (a) => ({ ...a, name }));
    },
    async removeAuthenticator(userId, id) {
      write('removeAuthenticator');
      const before = all.authenticators.length;
      all.authenticators = all.authenticators.filter((a) => !isMine(userId, id)(a));
      return all.authenticators.length < before;
    },
    async rememberDevice(userId, { device, agent, now, factorAt }) {
      write('rememberDevice');
      const known = all.devices.find((d) => d.userId === userId && d.device === device);
      const others = all.devices.filter((d) => d !== known);
      const mine = others
        .filter((d) => d.userId === userId)
        .sort((a, b) => b.lastAt - a.lastAt)
        .slice(0, MOST_DEVICES - 1);
      const remembered = {
        userId,
        device,
        agent: agent.slice(0, 256),
        firstAt: known?.firstAt ?? now,
        lastAt: now,
        factorAt: factorAt ?? known?.factorAt ?? null,
      };
      all.devices = [...others.filter((d) => d.userId !== userId), ...mine, remembered];
    },
    async forgetDevices(userId) {
      write('forgetDevices');
      const before = all.devices.length;
      all.devices = all.devices.filter((d) => d.userId !== userId);
      return before - all.devices.length;
    },
    async recordSignIn(signIn) {
      write('recordSignIn');
      const own = [...all.signIns.filter((s) => s.userId === signIn.userId), signIn];
      const others = all.signIns.filter((s) => s.userId !== signIn.userId);
      all.signIns = [...others, ...own.slice(-MOST_SIGN_INS)];
    },
    async saveConsent(consent) {
      write('saveConsent');
      const isSame = (c: Consent): boolean =>
        c.userId === consent.userId && c.route === consent.route;
      all.consents = [...all.consents.filter((c) => !isSame(c)), consent];
    },
    async removeConsents(userId) {
      write('removeConsents');
      const left = all.consents.filter((c) => c.userId !== userId);
      const removed = all.consents.length - left.length;
      all.consents = left;
      return removed;
    },
    async createInvitation(invitation) {
      write('createInvitation');
      const { id, tokenName } = invitation;
      if (all.invitations.some((i) => i.id === id || i.tokenName === tokenName)) {
        throw new Problem('invitation/exists', 'It is there already.', { status: 409 });
      }
      all.invitations.push(invitation);
    },
    async spendInvitation(id, now) {
      write('spendInvitation');
      const found = all.invitations.find((i) => i.id === id);
      if (found === undefined || found.expiresAt <= now) return false;
      if (found.singleUse && found.used > 0) return false;
      const spent = { ...found, used: found.used + 1 };
      all.invitations = all.invitations.map((i) => (i === found ? spent : i));
      return true;
    },
    async invitations(limit) {
      ready();
      return [...all.invitations].sort((a, b) => b.createdAt - a.createdAt).slice(0, limit);
    },
    async revokeInvitation(id) {
      write('revokeInvitation');
      const before = all.invitations.length;
      all.invitations = all.invitations.filter((i) => i.id !== id);
      return all.invitations.length < before;
    },
    ...fakeTokens(all, { ready, write, announce }),
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCoherent: () => store.fault === null,
    async forgetUser(userId) {
      write('forgetUser');
      all.tokens = all.tokens.filter((t) => t.userId !== userId);
      announce(userId);
      all.authenticators = all.authenticators.filter((a) => a.userId !== userId);
      all.devices = all.devices.filter((d) => d.userId !== userId);
      all.signIns = all.signIns.filter((s) => s.userId !== userId);
      all.passwords = all.passwords.filter((p) => p.userId !== userId);
      all.factorTries.delete(userId);
      all.consents = all.consents.filter((c) => c.userId !== userId);
    },
    close: () => Promise.resolve(),
  };
  return store;
}

function sameHandle(a: Authenticator, b: Authenticator): boolean {
  return a.kind === b.kind && a.handle === b.handle;
}

function isMine(userId: string, id: string): (a: Authenticator) => boolean {
  return (a) => a.userId === userId && a.id === id;
}

const isKnown = (device: KnownDevice, now: number) => now - device.lastAt < DEVICE_KNOWN_FOR;

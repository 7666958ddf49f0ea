import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  fakeSource,
  fakeSources,
  testProfile,
  testRule,
} from '../../../test/support/fake-source.ts';
import { fakeUsers } from '../../../test/support/fake-users.ts';
import { fakeDirectory, testUser } from '../../../test/support/fakes.ts';
import { testBinding, testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import {
  eventLog,
  newTicket,
  sessionOf,
  testClock,
  testVault,
} from '../../../test/support/state.ts';
import { until } from '../../../test/support/until.ts';
import type { PolicySet } from '../../core/policy/policy.ts';
import type { Session, Ticket } from '../../core/people/session.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { SourceRule } from '../../core/sources/source-rule.ts';
import { keptOf } from '../../core/sources/source-session.ts';
import { group } from '../../policies/group/policy.ts';
import { openEmbedded } from '../../stores/embedded/store.ts';
import { createConfirm } from './confirm.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

/** Gateways on one state, in front of one provider that takes each refresh token once. */
function world(changes: Partial<SourceRule> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorward-standing-'));
  closings.push(() => rmSync(dataDir, { recursive: true }));
  const [clock, vault, events] = [testClock(), testVault(), eventLog()];
  const source = fakeSource();
  source.current = 'token';
  source.profile = testProfile({ refreshToken: 'token', groups: ['staff'] });
  const rule = testRule({ recheck: HOUR, ...changes });
  const user = testUser({ id: 'embedded/ann', groups: ['staff', 'own'] });
  const directory = fakeDirectory(user);
  const users = { ...fakeUsers(directory), name: 'embedded' };
  const gateway = (patience?: number) => {
    const stores = openEmbedded({ clock, vault, dataDir });
    closings.push(() => stores.close());
    const confirm = createConfirm(
      {
        live: testLive(testSnapshot()),
        sources: fakeSources({ source, rule }),
        stores,
        directories: directory,
        users,
        signals: () => Promise.resolve({}),
        clock,
        events,
      },
      patience,
    );
    return { stores, confirm };
  };
  const signIn = async (stores: Stores, profile = source.profile) => {
    const ticket = newTicket();
    const idle = 12 * HOUR;
    const session = sessionOf(vault, clock, ticket, { source: 'company', idle });
    const kept = keptOf(rule, profile, clock.now());
    await stores.sourceSessions.keep(ticket, kept, session.expiresAt);
    await stores.sessions.start(ticket, session);
    return [ticket, { ...session, source: 'company' }] as const;
  };
  const results = () => events.events.flatMap((one) => (one.type === 'source' ? [one.result] : []));
  return { clock, source, directory, gateway, signIn, results, events };
}

type Signed = readonly [Ticket, Session & { source: string }];

const isThere = async (stores: Stores, [ticket]: Signed): Promise<boolean> =>
  (await stores.sessions.read(ticket)) !== null;

/** A rule that admits accounts of a group. */
const admitting = (name: string): PolicySet => ({
  match: 'all',
  bindings: [testBinding(true, { evaluate: group.compile(group.config.parse({ any: [name] })) })],
});

describe('a session of a source that is checked again', () => {
  it('is used as it is while it is younger than the interval', async () => {
    const { gateway, signIn, clock, source } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    const begun = clock.now();
    clock.advance(HOUR - 1);
    expect(await confirm(...signed)).toBe(begun + HOUR);
    expect(source.rechecks).toEqual([]);
  });

  it('is confirmed by the provider afterwards, with each refresh token once', async () => {
    const { gateway, signIn, clock, source, results } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    for (const token of ['token', 'token+', 'token++']) {
      clock.advance(HOUR);
      expect(await confirm(...signed)).toBe(clock.now() + HOUR);
      expect(source.rechecks.at(-1)).toBe(token);
    }
    expect(results()).toEqual(['stands', 'stands', 'stands']);
  });

  it('is asked about once by many requests to two gateways', async () => {
    const { gateway, signIn, clock, source } = world();
    const [one, other] = [gateway(), gateway()];
    const signed = await signIn(one.stores);
    clock.advance(HOUR);
    const answered = Promise.withResolvers<void>();
    source.delay = answered.promise;
    const asked = Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).confirm(...signed));
    await until('the provider is asked', () => source.rechecks.length > 0);
    answered.resolve();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([clock.now() + HOUR]));
    expect(source.rechecks).toEqual(['token']);
  });

  it('continues while another gateway waits too long for the answer', async () => {
    const { gateway, signIn, clock, source } = world();
    const [one, other] = [gateway(), gateway(0)];
    const signed = await signIn(one.stores);
    clock.advance(HOUR);
    const answered = Promise.withResolvers<void>();
    source.delay = answered.promise;
    const asked = one.confirm(...signed);
    await until('the provider is asked', () => source.rechecks.length > 0);
    expect(await other.confirm(...signed)).toBe(clock.now() + MINUTE);
    answered.resolve();
    expect(await asked).toBe(clock.now() + HOUR);
    expect(source.rechecks).toEqual(['token']);
  });

  it('ends at once, for every gateway, if the provider refuses the account', async () => {
    const { gateway, signIn, clock, source, results, events } = world();
    const [one, other] = [gateway(), gateway()];
    const signed = await signIn(one.stores);
    source.current = 'another';
    clock.advance(HOUR);
    expect(await one.confirm(...signed)).toBeNull();
    expect(await isThere(other.stores, signed)).toBe(false);
    expect(results()).toEqual(['ended']);
    expect(events.events).toContainEqual(expect.objectContaining({ code: 'source/revoked' }));
  });

  it('ends with all sessions of the account if it is not admitted any more', async () => {
    const { gateway, signIn, clock, source } = world({ admit: admitting('staff') });
    const { stores, confirm } = gateway();
    const [signed, elsewhere] = [await signIn(stores), await signIn(stores)];
    const other = await signIn(stores, testProfile({ subject: 'ben-1', refreshToken: 'x' }));
    clock.advance(HOUR);
    expect(await confirm(...signed)).not.toBeNull();
    source.profile = { ...source.profile, groups: [] };
    clock.advance(HOUR);
    expect(await confirm(...signed)).toBeNull();
    expect(await isThere(stores, elsewhere)).toBe(false);
    expect(await isThere(stores, other)).toBe(true);
  });

  it('gives its user the groups that the provider reports now', async () => {
    const groups = { claim: null, map: new Map(), only: new Set(['staff', 'writers']) };
    const { gateway, signIn, clock, source, directory, results } = world({ groups });
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    source.profile = { ...source.profile, groups: ['writers'] };
    clock.advance(HOUR);
    expect(await confirm(...signed)).not.toBeNull();
    expect((await directory.read('embedded/ann'))?.groups).toEqual(['own', 'writers']);
    expect(results()).toEqual(['changed', 'stands']);
  });

  it('continues for two more intervals without an answer, and counts again after one', async () => {
    const { gateway, signIn, clock, source } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    const begun = clock.now();
    source.isDown = true;
    clock.advance(HOUR);
    expect(await confirm(...signed)).toBe(begun + HOUR + MINUTE);
    clock.advance(MINUTE - 1);
    expect(await confirm(...signed)).toBe(begun + HOUR + MINUTE);
    expect(source.rechecks).toHaveLength(1);
    clock.advance(2 * HOUR - MINUTE);
    expect(await confirm(...signed)).toBe(begun + 3 * HOUR);
    clock.advance(1);
    expect(await confirm(...signed)).toBeNull();
    expect(await isThere(stores, signed)).toBe(true);
    source.isDown = false;
    clock.advance(MINUTE);
    expect(await confirm(...signed)).toBe(clock.now() + HOUR);
  });

  it('does not count after an answer that is not valid, until there is a valid one', async () => {
    const { gateway, signIn, clock, source, results } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    source.isConfused = true;
    clock.advance(HOUR);
    expect(await confirm(...signed)).toBeNull();
    source.isConfused = false;
    source.isDown = true;
    expect(await confirm(...signed)).toBeNull();
    source.isDown = false;
    clock.advance(MINUTE);
    expect(await confirm(...signed)).toBe(clock.now() + HOUR);
    expect(results()).toEqual(['refused', 'stands']);
  });

  it('ends if there is no refresh token to ask with, and the user signs in again', async () => {
    const { gateway, signIn, clock, events } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores, testProfile());
    expect(await confirm(...signed)).not.toBeNull();
    clock.advance(HOUR);
    expect(await confirm(...signed)).toBeNull();
    expect(await isThere(stores, signed)).toBe(false);
    expect(events.events).toContainEqual(
      expect.objectContaining({ code: 'source/no-refresh-token' }),
    );
  });

  it('ends if what it kept was taken out of the store', async () => {
    const { gateway, signIn } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    await stores.sourceSessions.forget(signed[0]);
    expect(await confirm(...signed)).toBeNull();
    expect(await isThere(stores, signed)).toBe(false);
  });

  it('does not come back if it ended while the provider was asked', async () => {
    const { gateway, signIn, clock, source } = world();
    const { stores, confirm } = gateway();
    const signed = await signIn(stores);
    clock.advance(HOUR);
    const answered = Promise.withResolvers<void>();
    source.delay = answered.promise;
    const asked = confirm(...signed);
    await until('the provider is asked', () => source.rechecks.length > 0);
    await stores.sessions.end(signed[1].id);
    answered.resolve();
    expect(await asked).toBeNull();
    expect(await isThere(stores, signed)).toBe(false);
    expect(await stores.sourceSessions.read(signed[0])).toBeNull();
  });

  it('is asked about by another gateway if the first one dies while it asks', async () => {
    const { gateway, signIn, clock, source } = world();
    const [one, other] = [gateway(), gateway()];
    const signed = await signIn(one.stores);
    clock.advance(HOUR);
    source.delay = Promise.withResolvers<void>().promise;
    void one.confirm(...signed);
    await until('the provider is asked', () => source.rechecks.length > 0);
    source.delay = null;
    clock.advance(MINUTE);
    expect(await other.confirm(...signed)).toBe(clock.now() + HOUR);
  });
});

it('a session of a source that is not checked again costs nothing', async () => {
  const { gateway, signIn, clock } = world({ recheck: null });
  const { stores, confirm } = gateway();
  const signed = await signIn(stores);
  await stores.close();
  clock.advance(11 * HOUR);
  expect(await confirm(...signed)).toBe(Number.POSITIVE_INFINITY);
});

import { describe, expect, it } from 'vitest';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeSessions,
  fakeTickets,
  fakeVault,
  testSession,
  testUser,
} from '../../../test/support/fakes.ts';
import { presented } from '../../../test/support/presented.ts';
import { testLive } from '../../../test/support/snapshot.ts';
import type { ConfirmSession } from '../../core/sources/source-session.ts';
import { createVisitors } from './visitors.ts';

const COOKIE = '__Secure-doorward=sealed.one.secret';

/** A visitor of a source. `answers`: how long each confirmation is good for, in milliseconds, or null. */
async function setUp(answers: readonly (number | null)[] | null) {
  const [vault, clock] = [fakeVault(), fakeClock()];
  const sessions = fakeSessions(vault);
  let asked = 0;
  const confirm: ConfirmSession = () => {
    const answer = answers?.[asked] ?? null;
    asked += 1;
    return Promise.resolve(answer === null ? null : clock.now() + answer);
  };
  const visitors = createVisitors({
    live: testLive(),
    sessions,
    directory: fakeDirectory(testUser()),
    tickets: fakeTickets(),
    vault,
    clock,
    events: fakeEvents(),
    ...(answers === null ? {} : { confirm }),
  });
  const session = testSession({ id: 'session:one', source: 'company' });
  await sessions.start({ id: 'one', secret: 'secret' }, session);
  const find = async () => visitors.apps.find(presented(COOKIE), 'use');
  return { clock, find, asked: () => asked };
}

describe('the session of a source', () => {
  it('is asked about when its confirmation is over, and not before', async () => {
    const { clock, find, asked } = await setUp([1000, 1000]);
    expect(await find()).toMatchObject({ session: { source: 'company' } });
    clock.advance(999);
    expect(await find()).not.toBeNull();
    expect(asked()).toBe(1);
    clock.advance(1);
    expect(await find()).not.toBeNull();
    expect(asked()).toBe(2);
  });

  it('is no visitor once the provider does not confirm it', async () => {
    const { clock, find } = await setUp([1000, null]);
    expect(await find()).not.toBeNull();
    clock.advance(1000);
    expect(await find()).toBeNull();
  });

  it('is accepted nowhere without a way to ask', async () => {
    const { find } = await setUp(null);
    expect(await find()).toBeNull();
  });
});

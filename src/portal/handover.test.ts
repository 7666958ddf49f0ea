import { expect, it } from 'vitest';
import {
  fakeClock,
  fakeHandovers,
  fakeRandom,
  fakeVault,
  testSession,
  testUser,
} from '../../test/support/fakes.ts';
import { testFacts, testSnapshot } from '../../test/support/snapshot.ts';
import {
  type HandoverRequest,
  REQUEST_LASTS,
  sealRequest,
} from '../core/access/handover-request.ts';
import type { Found } from '../core/access/visitors.ts';
import { HANDOVER_LASTS } from '../core/people/handover.ts';
import { handOver } from './handover.ts';

const WIKI = 'https://wiki.example.com';
const visitor = { session: testSession(), user: testUser() };

function setUp(found: Found = visitor) {
  const [vault, clock, handovers] = [fakeVault(), fakeClock(), fakeHandovers()];
  const ticket = { id: 'one', secret: 'secret' };
  const visitors = { find: () => found, ticket: () => Promise.resolve(ticket) };
  const ports = { visitors, handovers, vault, random: fakeRandom(), clock };
  const ask = (changes: Partial<HandoverRequest> = {}, wait = 0) => {
    const until = clock.now() + REQUEST_LASTS;
    const request = { origin: WIKI, returnTo: `${WIKI}/x?y`, nonce: 'n', until, ...changes };
    const sealed = sealRequest(vault, request);
    clock.advance(wait);
    return handOver(ports, testSnapshot(), {
      facts: testFacts({ authority: 'auth.example.com' }),
      sealed,
    });
  };
  return { ask, handovers, clock, ticket };
}

it('a signed-in visitor gets a code for exactly what was requested, for a minute', async () => {
  const { ask, handovers, clock, ticket } = setUp();
  const to = await ask();
  const [[code, handover] = ['', null]] = handovers.all;
  expect(to).toBe(`${WIKI}/.doorward/arrive?code=${code}`);
  expect(handover).toEqual({
    ticket,
    origin: WIKI,
    returnTo: `${WIKI}/x?y`,
    nonce: 'n',
    until: clock.now() + HANDOVER_LASTS,
    remembered: null,
  });
});

it('a visitor who stays signed in gets a cookie that lasts as long as the session', async () => {
  const session = testSession({ remembered: true });
  const { ask, handovers } = setUp({ ...visitor, session });
  await ask();
  expect([...handovers.all.values()][0]?.remembered).toBe(session.expiresAt);
});

it.each([null, { elsewhere: 'fake/ann' }, { cookies: 'two' }, { misplaced: true }] as const)(
  'without a session, nothing is stored, and the app asks for a sign-in (%j)',
  async (found) => {
    const { ask, handovers } = setUp(found);
    expect(await ask()).toBe(`${WIKI}/x?y`);
    expect(handovers.all.size).toBe(0);
  },
);

it.each([
  ['has expired', {}, REQUEST_LASTS],
  [
    'is for a host without a route',
    { origin: 'https://a.example.net', returnTo: 'https://a.example.net/' },
    0,
  ],
  ['leads to another host than its own', { origin: 'https://chat.example.com' }, 0],
  [
    'leads to the portal',
    { origin: 'https://auth.example.com', returnTo: 'https://auth.example.com/' },
    0,
  ],
  ['leads nowhere', { returnTo: '' }, 0],
] as const)('a request is refused if it %s', async (_, changes, wait) => {
  const { ask, handovers } = setUp();
  expect(await ask(changes, wait)).toBeNull();
  expect(handovers.all.size).toBe(0);
});

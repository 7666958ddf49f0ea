import { describe, expect, it } from 'vitest';
import { presented } from '../../../test/support/presented.ts';
import { COOKIE, testGate } from '../../../test/support/gate.ts';

const PORTAL_COOKIE = '__Host-doorward-portal=sealed.one.secret@portal:auth.example.com';
const onHost = (host: string, cookie = COOKIE) => presented(cookie, '192.0.2.7', host);

describe('a ticket in the wrong place', () => {
  it('is no session, costs no read and no use, and stays valid in its own', async () => {
    const { visitors, sessions, pending, clock } = await testGate();
    for (const isCached of [false, true]) {
      clock.advance(120_000);
      pending.length = 0;
      const before = [...sessions.calls];
      expect(await visitors.apps.find(onHost('wiki.example.org'))).toEqual({ misplaced: true });
      expect([sessions.calls, pending]).toEqual([before, []]);
      expect(visitors.remembered()).toBe(isCached ? 1 : 0);
      expect(await visitors.apps.find(onHost('wiki.example.com'))).toMatchObject({
        user: { name: 'ann' },
      });
    }
  });

  it('is not taken for the one of a request under way', async () => {
    const { visitors } = await testGate();
    const both = await Promise.all([
      visitors.apps.find(onHost('wiki.example.com')),
      visitors.apps.find(onHost('wiki.example.org')),
    ]);
    expect(both).toMatchObject([{ user: { name: 'ann' } }, { misplaced: true }]);
  });

  it('keeps the memory of the same session in another place', async () => {
    const { visitors, sessions } = await testGate();
    await visitors.apps.find(onHost('wiki.example.com'));
    await visitors.portal.find(onHost('auth.example.com', PORTAL_COOKIE));
    expect(visitors.remembered()).toBe(2);
    await sessions.end('session:one');
    expect(visitors.remembered()).toBe(0);
  });
});

describe('the ticket', () => {
  it('is what the portal’s cookie seals, for rotation and sign-out', async () => {
    const { portal } = (await testGate()).visitors;
    expect(await portal.ticket(PORTAL_COOKIE)).toEqual({ id: 'one', secret: 'secret' });
    expect(await portal.ticket('__Host-doorward-portal=garbage')).toBeNull();
    expect(await portal.ticket(`${PORTAL_COOKIE}; ${PORTAL_COOKIE}`)).toBeNull();
    expect(await portal.ticket(COOKIE)).toBeNull();
    expect(await portal.ticket('__Host-doorward-portal=sealed.one.secret')).toBeNull();
    expect(await portal.ticket(null)).toBeNull();
  });
});

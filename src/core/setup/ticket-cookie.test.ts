import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { domainWith } from './domain.ts';
import type { Snapshot } from './snapshot.ts';
import { appCookie, isHandedOver, portalCookie, sharedCookie } from './ticket-cookie.ts';

/** The portal is auth.example.com. */
function snapshotWith(cookies: 'domain' | 'host', domains: readonly (string | null)[]): Snapshot {
  const base = testSnapshot();
  const { site } = base;
  const [first = null, ...others] = domains;
  return {
    ...base,
    domains: [domainWith(site, first), ...others.map((other) => domainWith(site, other))],
    session: {
      ...base.session,
      cookies,
      cookieName: cookies === 'host' ? '__Host-doorward' : '__Secure-doorward',
    },
  };
}

const TWO = snapshotWith('domain', ['example.com', 'example.org']);
const HOST = snapshotWith('host', ['example.com']);
const ALONE = snapshotWith('domain', [null]);

describe('the ticket for the host of an app', () => {
  it.each([
    [TWO, 'wiki.example.com', 'domain:example.com', 'example.com', false],
    [TWO, 'example.com', 'domain:example.com', 'example.com', false],
    [TWO, 'a.b.example.org', 'domain:example.org', 'example.org', true],
    [TWO, 'wiki.example.net', 'host:wiki.example.net', null, true],
    [TWO, 'evilexample.com', 'host:evilexample.com', null, true],
    [TWO, 'example.com.evil.net', 'host:example.com.evil.net', null, true],
    [HOST, 'wiki.example.com', 'host:wiki.example.com', null, true],
    [HOST, 'auth.example.com', 'host:auth.example.com', null, true],
    [ALONE, 'auth.example.com', 'host:auth.example.com', null, false],
    [ALONE, 'wiki.example.com', 'host:wiki.example.com', null, true],
  ] as const)('%#: on %s.%s is valid for %s', (snapshot, host, scope, domain, handedOver) => {
    const name = snapshot.session.cookieName;
    expect(appCookie(snapshot, host)).toEqual({ name, domain, scope });
    expect(isHandedOver(snapshot, host)).toBe(handedOver);
  });

  it('is never valid at the portal, not even on its host', () => {
    for (const snapshot of [TWO, HOST, ALONE]) {
      const portal = portalCookie(snapshot);
      const app = appCookie(snapshot, 'auth.example.com');
      expect([portal.scope, portal.domain]).toEqual(['portal:auth.example.com', null]);
      expect([app.scope, app.name]).not.toContain(portal.scope);
      expect(app.name).not.toBe(portal.name);
    }
  });

  it('is set by the portal for its own domain alone', () => {
    expect(sharedCookie(TWO)?.domain).toBe('example.com');
    expect(sharedCookie(HOST)).toBeNull();
    expect(sharedCookie(ALONE)?.domain).toBeNull();
  });
});

/**
 * Thousands of sessions, put directly into a gateway's state: the bench needs more than it caches.
 */
import { appScope } from '../../src/core/setup/ticket-cookie.ts';
import { createPasswords } from '../../src/passwords/passwords.ts';
import { composeBacking, systemRandom } from '../../src/run/backing/adapters.ts';
import { load } from '../../src/run/backing/load.ts';

const HOUR = 3_600_000;
/** Sessions stored at once. */
const AT_ONCE = 64;

/** Cookie pairs of `count` live sessions, of alice unless `userIds` has users to take in turn. */
export async function mintSessions(
  configFile: string,
  count: number,
  userIds: readonly string[] = ['file/alice'],
): Promise<readonly string[]> {
  const loaded = await load({ file: configFile, flags: {} });
  if (!loaded.ok) throw new Error('the bench configuration does not load');
  const { settings, snapshot } = loaded;
  const backing = composeBacking({
    settings,
    secrets: settings.secrets,
    events: { emit: () => undefined },
    passwords: createPasswords(),
    issuer: () => '',
  });
  const stores = await backing.openStores();
  const mint = async (userId: string): Promise<string> => {
    const now = Date.now();
    const ticket = { id: systemRandom.token(16), secret: systemRandom.token(32) };
    await stores.sessions.start(ticket, {
      v: 1,
      id: backing.vault.name('session', ticket.id),
      userId,
      proofs: [{ method: 'password', at: now }],
      createdAt: now,
      seenAt: now,
      expiresAt: now + 12 * HOUR,
      idle: HOUR,
      client: { ip: '203.0.113.9', agent: 'bench' },
    });
    return `${snapshot.session.cookieName}=${await backing.tickets.seal(ticket, appScope(snapshot, snapshot.site.host))}`;
  };
  const pairs: string[] = [];
  while (pairs.length < count) {
    const next = Array.from(
      { length: AT_ONCE },
      (_, i) => userIds[(pairs.length + i) % userIds.length],
    );
    pairs.push(...(await Promise.all(next.map((userId = '') => mint(userId)))));
  }
  await stores.close();
  return pairs.slice(0, count);
}

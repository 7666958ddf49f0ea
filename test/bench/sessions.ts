/** Sessions by the thousand, put straight into a gateway's state: the bench needs more than it remembers. */
import { composeBacking, systemRandom } from '../../src/compose.ts';
import { load } from '../../src/tools.ts';
import type { Gateway } from '../support/gateway.ts';

const HOUR = 3_600_000;

/** Cookie pairs of `count` live sessions of alice. */
export async function mintSessions(gateway: Gateway, count: number): Promise<readonly string[]> {
  const loaded = await load({ file: gateway.configFile, flags: {} });
  if (!loaded.ok) throw new Error('the bench configuration does not load');
  const { settings, snapshot } = loaded;
  const backing = composeBacking(settings, settings.secrets, { emit: () => undefined }, () => '');
  const stores = await backing.openStores();
  const pairs: string[] = [];
  const now = Date.now();
  for (let i = 0; i < count; i += 1) {
    const ticket = { id: systemRandom.token(16), secret: systemRandom.token(32) };
    await stores.sessions.start(ticket, {
      v: 1,
      id: backing.vault.name('session', ticket.id),
      userId: 'file/alice',
      proofs: [{ method: 'password', at: now }],
      createdAt: now,
      seenAt: now,
      expiresAt: now + 12 * HOUR,
      idle: HOUR,
      client: { ip: '203.0.113.9', agent: 'bench' },
    });
    pairs.push(`${snapshot.session.cookieName}=${await backing.tickets.seal(ticket)}`);
  }
  await stores.close();
  return pairs;
}

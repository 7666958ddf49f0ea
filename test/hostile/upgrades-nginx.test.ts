/**
 * Upgrades, tunnels, streams and uploads: see upgrades.suite.ts. Also the faults that only nginx can
 * have.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Front, nginxFront } from '../support/fronts.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { hostileUpgrades } from './upgrades.suite.ts';
import { startWorld, type World } from './fixture.ts';
import { behindNginx, isAway } from './modes.ts';

hostileUpgrades(behindNginx);

/**
 * An nginx that cannot connect to any app, because it may not use its configured source address.
 */
const lame: Front = {
  ...nginxFront,
  start: ({ text, ...place }) =>
    nginxFront.start({
      ...place,
      text: text.replaceAll('auth_request /', 'proxy_bind 203.0.113.1;\n        auth_request /'),
    }),
};

describe.skipIf(isAway(behindNginx))("a fault of nginx's own", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ trusted: true, front: lame });
  });
  afterAll(() => world?.close());

  it('is shown as a fault, without a redirect loop', async () => {
    const lines = ['GET /app/x HTTP/1.1', 'Host: app.gw.test', 'Connection: close'];
    const cookie = `Cookie: ${await world.cookieOf('alice')}`;
    const raw = await sendRaw(world.port, [...lines, cookie, '', ''].join('\r\n'));
    expect(statuses(raw)).toEqual([500]);
    expect(raw).not.toMatch(/^location:/im);
    expect(world.app.seen).toEqual([]);
  });
});

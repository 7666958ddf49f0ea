/**
 * Nginx Proxy Manager with switches that the generated text asks the operator to leave alone, and with
 * clients in a network that it trusts.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Front } from '../support/fronts.ts';
import { npmFront, npmFrontWith } from '../support/npm.ts';
import { isLeftOut } from '../support/packages.ts';
import { answersOf, sendRaw, statuses } from '../support/raw.ts';
import { startWorld, type World } from './fixture.ts';
import { valuesOf } from './probes.ts';

const everySwitch = npmFrontWith({
  cachesAssets: true,
  blocksExploits: true,
  upgradesWebsockets: false,
  customLocation: '/custom',
});

/** As if the line were not there that lets no peer choose its address. */
const credulous: Front = {
  ...npmFront,
  start: ({ text, ...place }) =>
    npmFront.start({ ...place, text: text.replaceAll(/^ *set_real_ip_from .*\n/gm, '') }),
};

describe.skipIf(isLeftOut('nginx'))('Nginx Proxy Manager', () => {
  describe('with every switch on, and a custom location', () => {
    const { world, ask } = behind(everySwitch);

    it('still serves what Doorward allows', async () => {
      const raw = await ask('/app/x?a=1', [`Cookie: ${await world().cookieOf('alice')}`]);
      expect(statuses(raw)).toEqual([200]);
      const seen = world().app.seen.at(-1);
      expect(seen?.target).toBe('/app/x?a=1');
      expect(valuesOf(seen?.rawHeaders ?? [], 'Remote-User')).toEqual(['alice']);
    });

    it('leads visitors to the portal', async () => {
      const raw = await ask('/app/x', ['Sec-Fetch-Mode: navigate']);
      expect(statuses(raw)).toEqual([302]);
      expect(raw).toMatch(/^location: http:\/\/auth\.gw\.test/im);
    });

    it.each(['/app/x.js', '/public/x.css', '/admin/x.png', '/custom/x', '/custom/../custom'])(
      'sends the app nothing that its own locations match: %s',
      async (target) => {
        const own = `Cookie: ${await world().cookieOf('alice')}`;
        for (const lines of [[], [own], [own, 'Remote-User: bob', 'Remote-Groups: admins']]) {
          expect(statuses(await ask(target, lines))).toEqual([403]);
        }
        expect(world().app.seen).toEqual([]);
      },
    );

    it('sends the portal nothing that its own locations match', async () => {
      const raw = await ask('/custom/x', ['X-Forwarded-Host: admin.gw.test'], 'auth.gw.test');
      expect(statuses(raw)).toEqual([403]);
    });

    it('refuses what Block Common Exploits refuses', async () => {
      expect(statuses(await ask('/public/x?proc/self/environ', []))).toEqual([403]);
      expect(world().app.seen).toEqual([]);
    });
  });

  describe('with clients in a private network', () => {
    const { world, ask } = behind(npmFront);

    it('lets none of them choose its address', async () => {
      expect(await seenFrom(world(), ask)).toEqual(['127.0.0.1']);
    });
  });

  describe('without the line that lets no peer choose its address', () => {
    const { world, ask } = behind(credulous);

    it('would believe all of them', async () => {
      expect(await seenFrom(world(), ask)).toEqual(['203.0.113.9']);
    });
  });
});

type Ask = (target: string, lines: readonly string[], host?: string) => Promise<string>;

/** The address that the app sees of a client that claims another. */
async function seenFrom(world: World, ask: Ask): Promise<readonly string[]> {
  const raw = await ask('/public/x', ['X-Real-IP: 203.0.113.9']);
  expect(answersOf(raw).map(({ status }) => status)).toEqual([200]);
  return valuesOf(world.app.seen[0]?.rawHeaders ?? [], 'X-Forwarded-For');
}

/** Starts the world before the tests of a block. */
function behind(front: Front): { readonly world: () => World; readonly ask: Ask } {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ trusted: true, front });
  });
  afterAll(() => world?.close());
  beforeEach(() => {
    world.app.seen.length = 0;
    world.admin.seen.length = 0;
  });
  return {
    world: () => world,
    ask: (target, lines, host = 'app.gw.test') => {
      const head = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...lines, 'Connection: close'];
      return sendRaw(world.port, `${head.join('\r\n')}\r\n\r\n`);
    },
  };
}

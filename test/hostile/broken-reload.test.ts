/**
 * Files of `routes_dir` that cannot be taken over, through each mode: with any contents of the folder,
 * the rules that were in force stay in force, whole.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answersOf, sendRaw } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { logOf, metric, startWorld, type World } from './fixture.ts';
import { behindCaddy, behindNginx, isAway, ownProxy } from './modes.ts';

const BOMB = Array.from({ length: 9 }, (_, i) => {
  const inner = i === 0 ? 'x' : `*a${i - 1}`;
  return `- &a${i} [${`${inner}, `.repeat(10)}]\n`;
}).join('');
const LONG = Array.from({ length: 260 }, (_, i) => `- { id: y${i}, host: y${i}.gw.test }\n`).join(
  '',
);

type Break = (folder: string, route: string) => void;

const put = (name: string, text: string | Buffer): Break => {
  return (folder) => writeFileSync(join(folder, name), text);
};

/** What happens to the folder; each is undone before the next. */
const BREAKS: Readonly<Record<string, Break>> = {
  'the file is cut off': (folder) => truncateSync(join(folder, 'moved.yaml'), 30),
  'the file is empty': (folder) => truncateSync(join(folder, 'moved.yaml'), 0),
  'the file is gone, and the folder empty': (folder) => rmSync(join(folder, 'moved.yaml')),
  'the folder is gone': (folder) => rmSync(folder, { recursive: true }),
  'the folder is a file': (folder, route) => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, route);
  },
  'a file is a pipe': (folder) => execFileSync('mkfifo', [join(folder, 'pipe.yaml')]),
  'a file is a folder': (folder) => mkdirSync(join(folder, 'folder.yaml')),
  'a file is a device': (folder) => symlinkSync('/dev/zero', join(folder, 'zero.yaml')),
  'a link leads nowhere': (folder) => symlinkSync('nowhere', join(folder, 'link.yaml')),
  'a link leads to itself': (folder) => symlinkSync('link.yaml', join(folder, 'link.yaml')),
  'a link makes a route twice': (folder) => symlinkSync('moved.yaml', join(folder, 'link.yaml')),
  'the second of two long files is cut off': (folder) => {
    writeFileSync(join(folder, 'a.yaml'), LONG);
    writeFileSync(join(folder, 'b.yaml'), LONG.replaceAll('y', 'z').slice(0, -5));
  },
  'a long file has a route twice': put('long.yaml', `${LONG}- { id: y0, host: z.gw.test }\n`),
  'a long file has a second document': put('long.yaml', `${LONG}---\n[]\n`),
  'a long file ends in zeros': put('long.yaml', LONG + '\0'.repeat(4096)),
  'a long file is UTF-16': put('long.yaml', Buffer.from(LONG, 'utf16le')),
  'a file multiplies itself': put('bomb.yaml', BOMB),
  'a long file multiplies itself': put('bomb.yaml', BOMB + LONG),
  'a long file contains itself': put('self.yaml', `- &a { id: s, host: [*a] }\n${LONG}`),
  'a file is larger than files may be': put('large.yaml', `# ${'x'.repeat(2 << 20)}\n`),
  'a file is nested too deep': put(
    'deep.yaml',
    `- ${'['.repeat(5000)}${']'.repeat(5000)}\n${LONG}`,
  ),
  'a file changes a prototype': put('proto.yaml', `- { id: p, "__proto__": {} }\n${LONG}`),
  'there are too many files': (folder) => {
    for (let i = 0; i < 1000; i += 1) writeFileSync(join(folder, `many-${i}.yaml`), '[]');
  },
};

for (const mode of [ownProxy, behindNginx, behindCaddy]) {
  describe.skipIf(isAway(mode))(`through ${mode.name}`, () => {
    let world: World;
    let folder: string;
    let route: string;
    beforeAll(async () => {
      const front = mode.front === null ? {} : { front: mode.front };
      world = await startWorld({
        trusted: mode.front !== null,
        ...front,
        extra: 'throttle: { free: 1000 }\n#routes_dir: routes.d',
        routes: (app) => [
          `{ id: moved, host: moved.gw.test, upstream: "${app.origin}", policies: [{ type: group, any: [admins] }] } # moved`,
        ],
      });
      const { configFile } = world.gateway;
      const text = readFileSync(configFile, 'utf8');
      route = /^ {2}- .* # moved$/m.exec(text)?.[0].slice(2) ?? '';
      folder = join(world.gateway.dir, 'routes.d');
      restore();
      writeFileSync(
        configFile,
        text.replace(/^.* # moved$/m, '').replace('#routes_dir', 'routes_dir'),
      );
      await reload('taken over');
      for (const user of ['alice', 'bob']) await world.cookieOf(user);
    });
    afterAll(() => world?.close());
    beforeEach(() => void (world.app.seen.length = 0));

    /** The folder with its one file. */
    function restore(): void {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      writeFileSync(join(folder, 'moved.yaml'), `${route}\n`);
    }

    const reloads = () => logOf(world.gateway).filter((line) => line['msg'] === 'reload');

    /** Reloads, and waits for this outcome. The folder is watched too, so there may be another reload before. */
    async function reload(outcome: 'taken over' | 'refused'): Promise<void> {
      const before = reloads().length;
      const expected = outcome === 'refused' ? 0 : 1;
      world.gateway.hangUp();
      await until(`a reload that is ${outcome}`, async () => {
        const isOver = reloads().length > before;
        return isOver && (await metric(world.gateway, 'doorward_reload_ok')) === expected;
      });
    }

    /** Statuses without a session, for a user outside the group and one within; what reached the app. */
    async function statuses(): Promise<readonly unknown[]> {
      const cookies = ['x=y', await world.cookieOf('alice'), await world.cookieOf('bob')];
      const found: unknown[] = [];
      for (const cookie of cookies) {
        const { host } = new URL(world.gateway.app('moved'));
        const lines = [
          'GET /x HTTP/1.1',
          `Host: ${host}`,
          `Cookie: ${cookie}`,
          'Connection: close',
        ];
        const raw = await sendRaw(world.port, `${lines.join('\r\n')}\r\n\r\n`);
        found.push(answersOf(raw)[0]?.status);
      }
      return [...found, world.app.seen.length];
    }

    it('keeps the route as it was in the main file', async () => {
      expect(await statuses()).toEqual([401, 403, 200, 1]);
    });

    // A proxy reads none of these files, so a few of each kind show that it asks the rules in force.
    const breaks = Object.entries(BREAKS).filter((_, i) => mode.front === null || i % 5 === 0);
    it.each(breaks)('keeps it although %s', async (_, happen) => {
      try {
        happen(folder, route);
        await reload('refused');
        expect(await statuses()).toEqual([401, 403, 200, 1]);
      } finally {
        restore();
      }
      await reload('taken over');
    });
  });
}

/**
 * WebDAV: the test suite litmus, cadaver and curl, with Apache as the app. litmus and cadaver send no
 * cookies, so a route without a sign-in for this machine serves them.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApacheApp, startApacheApp } from './apache-app.ts';
import { type Door, onEachWay, openDoor } from './door.ts';

const NEAR = 'public_if: [{ type: network, any: [127.0.0.0/8] }]';
const ADMIN = 'paths: [{ path: /admin/**, policies: [{ type: group, any: [admins] }] }]';

onEachWay('WebDAV', ['apache2', 'litmus', 'cadaver'], (mode) => {
  let app: ApacheApp;
  let door: Door;
  beforeAll(async () => {
    app = await startApacheApp(
      (files) => `DocumentRoot ${files}
DavLockDB ${files}.locks
<Directory ${files}>
  Dav On
  Require all granted
</Directory>
`,
    );
    mkdirSync(join(app.files, 'admin'));
    chmodSync(join(app.files, 'admin'), 0o777);
    writeFileSync(join(app.files, 'admin/secret.txt'), 'secret');
    door = await openDoor(mode, [
      `{ id: dav, host: dav.gw.test, upstream: "${app.url}", ${ADMIN} }`,
      `{ id: near, host: near.gw.test, upstream: "${app.url}", ${NEAR}, ${ADMIN} }`,
    ]);
  });
  afterAll(async () => {
    await door?.close();
    await app?.close();
  });

  describe('litmus', () => {
    it.each(['basic', 'copymove', 'props', 'locks', 'http'])(
      'passes its %s tests',
      async (name) => {
        const env = { TESTS: name };
        expect(await door.succeed('litmus', [`${door.url('near')}/`], { env })).toContain(
          ' 0 failed',
        );
      },
    );
  });

  describe('cadaver', () => {
    /** What it reports after these commands. */
    const cadaver = async (host: string, commands: readonly string[]): Promise<string> => {
      const script = join(door.dir, 'commands');
      writeFileSync(script, commands.map((line) => `${line}\n`).join(''));
      return door.succeed('sh', ['-c', `exec cadaver "$0" < "$1"`, `${door.url(host)}/`, script]);
    };

    it('creates, stores, locks, moves and copies', async () => {
      writeFileSync(join(door.dir, 'a b.txt'), 'ä');
      const said = await cadaver('near', [
        'mkcol papers',
        'cd papers',
        'put "a b.txt"',
        'lock "a b.txt"',
        'unlock "a b.txt"',
        'move "a b.txt" 100%.txt',
        'copy 100%.txt c.txt',
        'ls',
      ]);
      expect(said).not.toMatch(/failed|error/i);
      expect(readFileSync(join(app.files, 'papers/100%.txt'), 'utf8')).toBe('ä');
      expect(readFileSync(join(app.files, 'papers/c.txt'), 'utf8')).toBe('ä');
    });

    it('cannot open, fill or empty a restricted folder', async () => {
      writeFileSync(join(door.dir, 'mine.txt'), 'mine');
      const said = await cadaver('near', [
        'ls /admin/',
        'put mine.txt',
        'move mine.txt /admin/secret.txt',
        'copy /admin/ /stolen/',
      ]);
      expect(said.match(/authentication failed/g)).toHaveLength(3);
      expect(readFileSync(join(app.files, 'admin/secret.txt'), 'utf8')).toBe('secret');
      expect(existsSync(join(app.files, 'stolen'))).toBe(false);
      expect(await cadaver('dav', ['ls'])).toContain('Could not authenticate to server');
    });
  });

  describe('curl', () => {
    /** The status of a request with the session of a user, or without one. */
    const curl = async (
      user: string | null,
      path: string,
      args: readonly string[],
    ): Promise<string> => {
      const header = user === null ? [] : ['-H', await door.cookieLine(user)];
      const usual = ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...header];
      return door.succeed('curl', [...usual, ...args, `${door.url('dav')}${path}`]);
    };

    it('sends a large file that it announces, and one of unknown length', async () => {
      const large = join(door.dir, 'large');
      writeFileSync(large, Buffer.alloc(3 << 20, 7));
      expect(await curl('alice', '/announced', ['-H', 'Expect: 100-continue', '-T', large])).toBe(
        '201',
      );
      const script = 'exec "$@" < "$0"';
      const url = `${door.url('dav')}/chunked`;
      const cookie = await door.cookieLine('alice');
      await door.succeed('sh', ['-c', script, large, 'curl', '-sf', '-H', cookie, '-T', '-', url]);
      for (const name of ['announced', 'chunked']) {
        expect(readFileSync(join(app.files, name)).equals(readFileSync(large))).toBe(true);
      }
      expect(await curl('alice', '/chunked', ['-r', '0-9'])).toBe('206');
      expect(await curl(null, '/refused', ['-H', 'Expect: 100-continue', '-T', large])).toBe('401');
      expect(existsSync(join(app.files, 'refused'))).toBe(false);
    });

    it('moves to and from a restricted folder for an admin alone', async () => {
      writeFileSync(join(app.files, 'plan.txt'), 'plan');
      chmodSync(join(app.files, 'plan.txt'), 0o666);
      const into = ['-X', 'MOVE', '-H', `Destination: ${door.url('dav')}/admin/plan.txt`];
      expect(await curl('alice', '/plan.txt', into)).toBe('403');
      expect(await curl('bob', '/plan.txt', into)).toBe('201');
      // A copy of the folder above contains the restricted one.
      const whole = ['-X', 'COPY', '-H', `Destination: ${door.url('dav')}/mine/`];
      expect(await curl('alice', '/', whole)).toBe('403');
      expect(await curl('alice', '/admin/plan.txt', [])).toBe('403');
      expect(await curl('bob', '/admin/plan.txt', [])).toBe('200');
    });
  });
});

/**
 * Programs with a token in place of a session: git, rclone, litmus, cadaver and curl, as they ask for a
 * name and password themselves. Each is refused with a token that is wrong, has expired or was revoked.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenIdOf } from '../../src/core/people/token.ts';
import { until } from '../support/until.ts';
import { type ApacheApp, startApacheApp } from './apache-app.ts';
import { type Door, onEachWay, openDoor } from './door.ts';

const PATHS = '{ path: /admin/**, policies: [{ type: group, any: [admins] }] }';
const PROGRAMS = ['apache2', 'rclone', 'litmus', 'cadaver'];

onEachWay('programs with tokens', PROGRAMS, (mode) => {
  let app: ApacheApp;
  let door: Door;
  let token: string;
  /** By what is wrong with them. */
  let dead: Readonly<Record<'wrong' | 'expired' | 'revoked', string>>;

  beforeAll(async () => {
    app = await startApacheApp(
      (files) => `DocumentRoot ${files}
DavLockDB ${files}.locks
SetEnv GIT_PROJECT_ROOT ${files}
SetEnv GIT_HTTP_EXPORT_ALL 1
SetEnv REMOTE_USER app
SetEnv GIT_CONFIG_COUNT 1
SetEnv GIT_CONFIG_KEY_0 safe.directory
SetEnv GIT_CONFIG_VALUE_0 *
ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
<Directory /usr/lib/git-core>
  Require all granted
</Directory>
<Directory ${files}>
  Dav On
  Require all granted
</Directory>
`,
    );
    for (const name of ['admin', 'dav']) {
      mkdirSync(join(app.files, name));
      chmodSync(join(app.files, name), 0o777);
    }
    writeFileSync(join(app.files, 'ok.txt'), 'ok');
    writeFileSync(join(app.files, 'admin/secret.txt'), 'secret');
    door = await openDoor(mode, [
      `{ id: files, host: files.gw.test, upstream: "${app.url}", accepts: [session, basic, bearer], paths: [${PATHS}] }`,
    ]);
    const repository = join(app.files, 'open.git');
    await door.succeed('git', ['init', '-q', '--bare', '-b', 'main', repository]);
    await door.succeed('chmod', ['-R', 'a+rwX', repository]);
    token = await created();
    const [expired, revoked] = [await created('--expires', '1s'), await created()];
    dead = { wrong: `${token.slice(0, -1)}_`, expired, revoked };
    await until('it is in memory', async () => (await fetched(revoked)).includes('200'));
    await door.world.gateway.run(['token', 'revoke', tokenIdOf(revoked) ?? '']);
    await until('it has expired', async () => (await fetched(expired)).includes('401'));
  });
  afterAll(async () => {
    await door?.close();
    await app?.close();
  });

  const url = (path: string) => `${door.url('files')}${path}`;
  const created = async (...options: string[]): Promise<string> => {
    const line = ['token', 'create', 'alice', '--name', 'test', ...options];
    const { code, out, err } = await door.world.gateway.run(line);
    if (code !== 0) throw new Error(err);
    return out.trim();
  };
  const fetched = (text: string, path = '/ok.txt') =>
    door.succeed('curl', ['-sI', '-H', `Authorization: Bearer ${text}`, url(path)]);

  describe('git', () => {
    const withToken = (text: string, path: string) =>
      url(path).replace('http://', `http://alice:${text}@`);
    const git = (...args: string[]) =>
      door.run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.test', ...args], {
        env: { GIT_TERMINAL_PROMPT: '0' },
      });

    it('clones and pushes, also in chunks', async () => {
      const steps = [
        ['clone', '-q', withToken(token, '/git/open.git'), 'first'],
        ['-C', 'first', 'add', '.'],
        ['-C', 'first', 'commit', '-q', '-m', 'one'],
        ['-C', 'first', 'push', '-q', 'origin', 'HEAD:main'],
        ['clone', '-q', withToken(token, '/git/open.git'), 'second'],
      ];
      for (const [index, step] of steps.entries()) {
        if (index === 1) writeFileSync(join(door.dir, 'first/large'), randomBytes(3 << 20));
        expect(await git(...step)).toMatchObject({ code: 0 });
      }
      expect(readFileSync(join(door.dir, 'second/large'))).toHaveLength(3 << 20);
    });

    it.each(['wrong', 'expired', 'revoked'] as const)(
      'is refused with a %s token',
      async (kind) => {
        const { code, output } = await git('ls-remote', withToken(dead[kind], '/git/open.git'));
        expect(code).toBe(128);
        expect(output).toContain('Authentication failed');
      },
    );
  });

  describe('rclone', () => {
    const rclone = async (text: string, ...args: string[]) => {
      const hidden = (await door.succeed('rclone', ['obscure', text])).trim();
      const access = ['--webdav-user', 'alice', '--webdav-pass', hidden];
      const once = ['--retries', '1', '--low-level-retries', '1', '--config', '/dev/null'];
      return door.run('rclone', [...args, '--webdav-url', url('/dav'), ...access, ...once]);
    };

    it('stores and fetches', async () => {
      const local = join(door.dir, 'local');
      mkdirSync(local);
      writeFileSync(join(local, 'a.txt'), 'of rclone');
      expect(await rclone(token, 'copy', local, ':webdav:docs')).toEqual({ code: 0, output: '' });
      expect(readFileSync(join(app.files, 'dav/docs/a.txt'), 'utf8')).toBe('of rclone');
      const { output } = await rclone(token, 'cat', ':webdav:docs/a.txt');
      expect(output).toBe('of rclone');
    });

    it.each(['wrong', 'expired', 'revoked'] as const)(
      'is refused with a %s token',
      async (kind) => {
        const { code, output } = await rclone(dead[kind], 'lsf', ':webdav:');
        expect(code).not.toBe(0);
        expect(output).toContain('401');
      },
    );
  });

  describe('WebDAV clients', () => {
    it.each(['basic', 'copymove', 'locks'])('pass the %s tests of litmus', async (name) => {
      const env = { TESTS: name };
      const args = [url('/dav/'), 'alice', token];
      expect(await door.succeed('litmus', args, { env })).toContain(' 0 failed');
    });

    it('read name and password from .netrc: cadaver', async () => {
      const list = async (text: string, path: string) => {
        const login = `machine files.gw.test login alice password ${text}\n`;
        writeFileSync(join(door.dir, 'home/.netrc'), login, { mode: 0o600 });
        const script = join(door.dir, 'commands');
        writeFileSync(script, 'ls\n');
        return door.succeed('sh', ['-c', 'exec cadaver "$0" < "$1"', url(path), script]);
      };
      expect(await list(token, '/dav/')).toContain('succeeded');
      expect(await list(token, '/admin/')).toContain('403');
      for (const text of Object.values(dead)) {
        expect(await list(text, '/dav/')).not.toContain('succeeded');
      }
    });
  });

  it('curl sends a bearer token', async () => {
    expect(await fetched(token)).toMatch(/^HTTP\/1\.1 200/);
    expect(await fetched(token, '/admin/secret.txt')).toMatch(/^HTTP\/1\.1 403/);
    for (const text of Object.values(dead)) {
      const refused = await fetched(text);
      expect(refused).toMatch(/^HTTP\/1\.1 401/);
      expect(refused).toContain('error="invalid_token"');
    }
  });
});

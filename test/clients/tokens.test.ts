/**
 * Programs with a token in place of a session: git, rclone, litmus, cadaver and curl, as they ask for a
 * name and password themselves. Each is refused with a token that is wrong, has expired or was revoked.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import { type ApacheApp, startApacheApp } from './apache-app.ts';
import { type Door, onEachWay, openDoor } from './door.ts';
import { createTokens, expectNoToken, refusesDeadTokens, type Tokens } from './tokens.ts';

const PATHS = '{ path: /admin/**, policies: [{ type: group, any: [admins] }] }';
const PROGRAMS = ['apache2', 'rclone', 'litmus', 'cadaver'];

onEachWay('programs with tokens', PROGRAMS, (mode) => {
  let app: ApacheApp;
  let line: Line;
  let door: Door;
  let tokens: Tokens;

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
    line = await startLine(Number(new URL(app.url).port));
    door = await openDoor(mode, [
      `{ id: files, host: files.gw.test, upstream: "http://127.0.0.1:${line.port}", accepts: [session, basic, bearer], paths: [${PATHS}] }`,
    ]);
    const repository = join(app.files, 'open.git');
    await door.succeed('git', ['init', '-q', '--bare', '-b', 'main', repository]);
    await door.succeed('chmod', ['-R', 'a+rwX', repository]);
    tokens = await createTokens(door, url('/ok.txt'));
  });
  afterAll(async () => {
    await door?.close();
    await line?.close();
    await app?.close();
  });

  const parts = () => ({ tokens, line });
  const url = (path: string) => `${door.url('files')}${path}`;
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
        ['clone', '-q', withToken(tokens.valid, '/git/open.git'), 'first'],
        ['-C', 'first', 'add', '.'],
        ['-C', 'first', 'commit', '-q', '-m', 'one'],
        ['-C', 'first', 'push', '-q', 'origin', 'HEAD:main'],
        ['clone', '-q', withToken(tokens.valid, '/git/open.git'), 'second'],
      ];
      for (const [index, step] of steps.entries()) {
        if (index === 1) writeFileSync(join(door.dir, 'first/large'), randomBytes(3 << 20));
        expect(await git(...step)).toMatchObject({ code: 0 });
      }
      expect(readFileSync(join(door.dir, 'second/large'))).toHaveLength(3 << 20);
    });

    refusesDeadTokens(parts, /Authentication failed/, (token) =>
      git('ls-remote', withToken(token, '/git/open.git')),
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
      expect(await rclone(tokens.valid, 'copy', local, ':webdav:docs')).toEqual({
        code: 0,
        output: '',
      });
      expect(readFileSync(join(app.files, 'dav/docs/a.txt'), 'utf8')).toBe('of rclone');
      const { output } = await rclone(tokens.valid, 'cat', ':webdav:docs/a.txt');
      expect(output).toBe('of rclone');
    });

    refusesDeadTokens(parts, /401/, (token) => rclone(token, 'lsf', ':webdav:'));
  });

  describe('WebDAV clients', () => {
    const litmus = (name: string, token: string) =>
      door.run('litmus', [url('/dav/'), 'alice', token], { env: { TESTS: name } });
    it.each(['basic', 'copymove', 'locks'])('pass the %s tests of litmus', async (name) => {
      expect((await litmus(name, tokens.valid)).output).toContain(' 0 failed');
    });
    refusesDeadTokens(parts, /could not authenticate|401/i, (token) => litmus('basic', token));

    it('read name and password from .netrc: cadaver', async () => {
      const list = async (text: string, path: string) => {
        const login = `machine files.gw.test login alice password ${text}\n`;
        writeFileSync(join(door.dir, 'home/.netrc'), login, { mode: 0o600 });
        const script = join(door.dir, 'commands');
        writeFileSync(script, 'ls\n');
        return door.succeed('sh', ['-c', 'exec cadaver "$0" < "$1"', url(path), script]);
      };
      expect(await list(tokens.valid, '/dav/')).toContain('succeeded');
      expect(await list(tokens.valid, '/admin/')).toContain('403');
      const before = line.sent().length;
      for (const text of Object.values(tokens.dead)) {
        expect(await list(text, '/dav/')).toContain('Could not authenticate');
      }
      expect(line.sent().slice(before)).toBe('');
    });
  });

  it('curl sends a bearer token', async () => {
    expect(await fetched(tokens.valid)).toMatch(/^HTTP\/1\.1 200/);
    expect(await fetched(tokens.valid, '/admin/secret.txt')).toMatch(/^HTTP\/1\.1 403/);
    for (const text of Object.values(tokens.dead)) {
      const refused = await fetched(text);
      expect(refused).toMatch(/^HTTP\/1\.1 401/);
      expect(refused).toContain('error="invalid_token"');
    }
    expectNoToken(line, tokens);
  });
});

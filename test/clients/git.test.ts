/** git over HTTP: clones, pushes in one piece and in chunks, and is refused without a session. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApacheApp, startApacheApp } from './apache-app.ts';
import { type Door, onEachWay, openDoor } from './door.ts';

const AUTHOR = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.test'];
const ENV = { GIT_TERMINAL_PROMPT: '0' };

onEachWay('git', ['apache2'], (mode) => {
  let app: ApacheApp;
  let door: Door;
  beforeAll(async () => {
    app = await startApacheApp(
      (files) => `SetEnv GIT_PROJECT_ROOT ${files}
SetEnv GIT_HTTP_EXPORT_ALL 1
SetEnv REMOTE_USER app
SetEnv GIT_CONFIG_COUNT 1
SetEnv GIT_CONFIG_KEY_0 safe.directory
SetEnv GIT_CONFIG_VALUE_0 *
ScriptAlias / /usr/lib/git-core/git-http-backend/
<Directory /usr/lib/git-core>
  Require all granted
</Directory>
`,
    );
    door = await openDoor(mode, [
      `{ id: git, host: git.gw.test, upstream: "${app.url}", paths: [{ path: /secret.git/**, policies: [{ type: group, any: [admins] }] }] }`,
    ]);
    for (const name of ['open', 'secret']) {
      const repository = join(app.files, `${name}.git`);
      await door.succeed('git', ['init', '-q', '--bare', '-b', 'main', repository]);
      await door.succeed('chmod', ['-R', 'a+rwX', repository]);
    }
  });
  afterAll(async () => {
    await door?.close();
    await app?.close();
  });

  /** Runs git with the session of a user, or without one. */
  const signedIn = async (user: string): Promise<string[]> => [
    '-c',
    `http.extraHeader=${await door.cookieLine(user)}`,
    ...AUTHOR,
  ];

  it('clones, pushes and pulls', async () => {
    const url = `${door.url('git')}/open.git`;
    const alice = async (...args: string[]) =>
      door.succeed('git', [...(await signedIn('alice')), ...args], { env: ENV });
    await alice('clone', '-q', url, 'first');
    writeFileSync(join(door.dir, 'first/a.txt'), 'a\n');
    // More than git's buffer: it sends this in chunks.
    writeFileSync(join(door.dir, 'first/large'), randomBytes(3 << 20));
    await alice('-C', 'first', 'add', '.');
    await alice('-C', 'first', 'commit', '-q', '-m', 'one');
    await alice('-C', 'first', 'push', '-q', 'origin', 'HEAD:main');
    const log = await alice('clone', '-q', url, 'second').then(() =>
      alice('-C', 'second', 'log', '--format=%s', '--', 'large'),
    );
    expect(log).toBe('one\n');
  });

  it('is refused without a session', async () => {
    const args = ['ls-remote', `${door.url('git')}/open.git`];
    const { code, output } = await door.run('git', args, { env: ENV });
    expect({ code, output }).toEqual({
      code: 128,
      output: expect.stringContaining('could not read Username'),
    });
  });

  it('opens a restricted repository to members of its group alone', async () => {
    const listing = async (user: string) => {
      const args = ['ls-remote', `${door.url('git')}/secret.git`];
      return door.run('git', [...(await signedIn(user)), ...args], { env: ENV });
    };
    expect(await listing('alice')).toEqual({
      code: 128,
      output: expect.stringContaining('returned error: 403'),
    });
    expect(await listing('bob')).toEqual({ code: 0, output: '' });
  });
});

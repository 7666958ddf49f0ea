/**
 * The first administrator of a new gateway: the real program, what it prints, and what it does not.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { CHOSEN, headingOf, past } from '../support/flow-pages.ts';
import { HASH } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const LINE =
  /^ {2}Set up +(http:\/\/auth\.own\.test:\d+\/flow\/first-run\?invitation=([\w-]{32})) {3}creates the first administrator; valid once, for 24 hours$/gm;
const PEOPLE = `users: { ann: { displayname: Ann, password: "${HASH}" } }\n`;
const ROOT = { ...CHOSEN, username: 'root', display_name: 'Ruth', email: 'ruth@own.test' };

let dir: string;
let file: string;
const running: Program[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorward-own-'));
  file = join(dir, 'my.yaml');
  await configure('directories: [{ type: embedded }]');
});
afterEach(async () => {
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

async function configure(more: string): Promise<void> {
  const port = await freePort();
  writeFileSync(
    file,
    `public_url: http://auth.own.test:${port}\nlisten: 127.0.0.1:${port}\nadmin: { listen: 127.0.0.1:${await freePort()} }\ndata_dir: ${dir}/data\n${more}\n`,
  );
}

/** Starts the program; ready with the last line of its greeting. */
async function start(env: Record<string, string> = {}): Promise<Program> {
  const program = await startProgram(process.execPath, [MAIN, 'serve', '-c', file], {
    env,
    // A line of the log may follow at once.
    isReady: (output) => /\n {2}doorward .*\n[^]*\n\n(?:\{|$)/.test(output),
  });
  running.push(program);
  return program;
}

async function stop(): Promise<void> {
  await Promise.all(running.splice(0).map((program) => program.stop()));
}

/** The links that were printed. */
function printed(program: Program): readonly { readonly link: string; readonly token: string }[] {
  return [...program.output().matchAll(LINE)].map(([, link = '', token = '']) => ({ link, token }));
}

async function formOf(link: string): Promise<{ readonly client: Client; readonly page: Answer }> {
  const client = new Client();
  return { client, page: await past(client, await client.follow(link)) };
}

const doorward = (args: readonly string[], stdin = '') =>
  runCommand([...args, '-c', file], { stdin });

describe('a gateway without users', () => {
  it('prints one link, even with several workers, and stores its token nowhere', async () => {
    const program = await start({ DOORWARD_WORKERS: '2' });
    const [only, ...more] = printed(program);
    expect(more).toEqual([]);
    const { client, page } = await formOf(only?.link ?? '');
    expect(headingOf(page)).toBe('Create the first administrator');
    const login = await client.submitAndFollow(page, ROOT);
    expect(new URL(login.url).pathname).toBe('/flow/login');
    const shown = JSON.parse((await doorward(['user', 'show', 'root', '--json'])).out);
    expect(shown).toMatchObject({ display_name: 'Ruth', groups: ['admins'] });
    await stop();
    const token = only?.token ?? '';
    expect(program.output().split(token)).toHaveLength(2);
    for (const name of readdirSync(join(dir, 'data'))) {
      expect(readFileSync(join(dir, 'data', name)).includes(token)).toBe(false);
    }
    expect(printed(await start())).toEqual([]);
  });

  it('prints another link at the next start, and invalidates the one before', async () => {
    const [first] = printed(await start());
    await stop();
    const [second] = printed(await start());
    expect(second?.token).not.toBe(first?.token);
    const old = await formOf(first?.link ?? '');
    expect([old.page.status, old.page.body.includes('is not known here')]).toEqual([403, true]);
    expect((await formOf(second?.link ?? '')).page.status).toBe(200);
    const listed = JSON.parse((await doorward(['invitation', 'list', '--json'])).out);
    expect(listed).toMatchObject([{ flow: 'first-run', state: 'open', single_use: true }]);
  });

  it('refuses the link after a user was added in any way', async () => {
    const [only] = printed(await start());
    const open = await formOf(only?.link ?? '');
    const added = await doorward(['user', 'add', 'ann'], `${CHOSEN.password}\n`);
    expect(added.code).toBe(0);
    const late = await open.client.submitAndFollow(open.page, ROOT);
    expect(late.body).toContain('an account already exists');
    const { page } = await formOf(only?.link ?? '');
    expect([page.status, page.body.includes('an account already exists')]).toEqual([403, true]);
    expect((await doorward(['user', 'show', 'root'])).code).toBe(1);
  });

  it('creates only one administrator when two visitors use the link at once', async () => {
    const [only] = printed(await start());
    const two = [await formOf(only?.link ?? ''), await formOf(only?.link ?? '')];
    const ends = await Promise.all(
      two.map(({ client, page }, index) =>
        client.submit(page, { ...ROOT, username: `root${index}`, email: `r${index}@own.test` }),
      ),
    );
    expect(ends.filter(({ location }) => location.includes('/flow/login'))).toHaveLength(1);
    expect(JSON.parse((await doorward(['user', 'list', '--json'])).out)).toHaveLength(1);
  });

  it('prints the link from only one of two processes on the same folder', async () => {
    const first = await start();
    await configure('directories: [{ type: embedded }]');
    const second = await start();
    expect(printed(first)).toHaveLength(1);
    expect(printed(second)).toEqual([]);
    await until('the second one says why', () =>
      second.output().includes('another gateway invites the first administrator'),
    );
    await stop();
  });

  it.each([
    ['a users file', 'directories: [{ type: file, path: people.yaml }]'],
    [
      'an additional users file',
      'directories: [{ type: embedded }, { type: file, path: people.yaml }]',
    ],
  ])('prints nothing with %s', async (_, directories) => {
    writeFileSync(join(dir, 'people.yaml'), PEOPLE);
    await configure(directories);
    expect((await start()).output()).not.toContain('Set up');
  });

  it('prints nothing if there is no such flow', async () => {
    await configure('directories: [{ type: embedded }]\nflows: ./flows\nflows_only: true');
    mkdirSync(join(dir, 'flows'));
    for (const name of ['login', 'logout']) {
      const text = readFileSync(join(import.meta.dirname, `../../flows/${name}.yaml`), 'utf8');
      const alone = text.replace(/, (?:configure: recovery|sign_up: sign-up)/g, '');
      writeFileSync(join(dir, 'flows', `${name}.yaml`), alone);
    }
    expect((await start()).output()).not.toContain('Set up');
  });
});

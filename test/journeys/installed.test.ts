/** What `npm run build` makes, installed as users do, in an empty folder: the demo and one sign-in to an app. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeExecutable } from '../../deploy/build/executable.ts';
import { writePackage } from '../../deploy/build/package.ts';
import { Client, NAVIGATION } from '../support/client.ts';
import { answer, begin, named } from '../support/flow-api.ts';
import { type FreshClone, startDemo } from '../support/fresh-clone.ts';
import { isLeftOut } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { isReady } from '../support/site.ts';

const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = 'correct horse battery';
const HASH = hashSync(PASSWORD, 4);
const CONFIG = `
public_url: http://auth.demo.localhost:1
workers: 2
data_dir: ./data
session: { cookie_domains: [demo.localhost] }
directories: [{ type: file, path: users.yaml }]
routes: [{ id: app, host: app.demo.localhost }]
`;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'doorward-installed-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** An empty folder. */
const folder = (): string => mkdtempSync(join(scratch, 'folder-'));

/** Signs the administrator in through the demo's portal, and opens a demo app. */
async function usesDemo({ banner }: FreshClone): Promise<void> {
  const client = new Client();
  const password = banner.passwords.admin ?? '';
  const asked = await answer(await begin(banner.portal, client, 'login'), { login: 'admin' });
  const done = await answer(asked, { password });
  expect(done.reply.json.stage?.type ?? 'done').toBe('done');
  const app = await client.send(`${banner.apps[0]}/`, { headers: NAVIGATION });
  expect(app.status).toBe(200);
  expect(app.body).toContain('Hello, Administrator');
  const sheet = /href="(\/assets\/doorward-[^"]+\.css)"/.exec(
    (await client.send(`${banner.portal}/`, { headers: NAVIGATION })).body,
  );
  expect((await client.send(`${banner.portal}${sheet?.[1]}`)).status).toBe(200);
}

/** What an installed command must do, however it was installed. */
function installed(command: () => readonly string[], env: Readonly<Record<string, string>>): void {
  const run = (...args: readonly string[]) => {
    const [program = '', ...first] = command();
    return spawnSync(program, [...first, ...args], { cwd: folder(), encoding: 'utf8', env });
  };

  it('runs the demo without a command', async () => {
    const demo = await startDemo(folder(), command(), env);
    try {
      expect(demo.output()).not.toMatch(/warn|deprecat/i);
      await usesDemo(demo);
    } finally {
      await demo.close();
    }
  });

  it('runs a configuration, with worker processes and a thread that verifies a hash', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'users.yaml'), `users: { bob: { password: '${HASH}' } }\n`);
    writeFileSync(join(dir, 'doorward.yaml'), CONFIG);
    const [port, adminPort] = [await freePort(), await freePort()];
    const portal = `http://auth.demo.localhost:${port}`;
    const [program = '', ...args] = command();
    const gateway = await startProgram(program, [...args, 'serve', '-c', 'doorward.yaml'], {
      cwd: dir,
      env: {
        ...env,
        DOORWARD_PUBLIC_URL: portal,
        DOORWARD_LISTEN: `127.0.0.1:${port}`,
        DOORWARD_ADMIN__LISTEN: `127.0.0.1:${adminPort}`,
      },
      isReady: () => isReady(adminPort),
    });
    try {
      expect((await named(portal, 'bob', PASSWORD)).reply.json.done).toBe(true);
      expect((await named(portal, 'bob', 'wrong horse')).reply.json.done).toBe(false);
    } finally {
      await gateway.stop();
    }
  });

  it('tells its version, and refuses a wrong command', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(run('--version').stdout).toBe(`${version}\n`);
    expect(run('serf').status).toBe(2);
  });
}

describe('the npm package', () => {
  let built: string;
  let prefix: string;
  beforeAll(async () => {
    built = join(scratch, 'npm');
    prefix = join(scratch, 'prefix');
    await writePackage(ROOT, built);
    const [file = ''] = npmPack(built);
    execFileSync('npm', ['install', '--global', '--prefix', prefix, join(scratch, file)], {
      encoding: 'utf8',
    });
  });

  const npmPack = (from: string): readonly string[] =>
    execFileSync('npm', ['pack', '--silent', '--pack-destination', scratch, from], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');

  installed(() => [join(prefix, 'bin/doorward')], process.env as Record<string, string>);
});

describe.skipIf(isLeftOut('binutils'))('the single executable (unless left out)', () => {
  const executable = (): string => join(scratch, 'doorward');
  beforeAll(() => writeExecutable(ROOT, executable()));

  it('is one file of at most 130 MB', () => {
    expect(statSync(executable()).size).toBeLessThan(130_000_000);
  });

  // No PATH: it needs no other program.
  installed(() => [executable()], { PATH: '' });
});

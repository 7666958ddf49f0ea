/** Every command as an operator types it, beside a running gateway. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Ran, runCommand, spawnCommand } from '../support/command.ts';
import type { Gateway } from '../support/gateway.ts';
import { startBefore } from '../support/operations.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const PASSWORD = 'a secret pass phrase';

let app: WebApp;
let gateway: Gateway;

beforeAll(async () => {
  app = await startWebApp('app');
  gateway = await startBefore(app.port, {
    directories: '[{ type: embedded }]',
    hashing: 'full',
  });
  const added = await run('user add ann --group admins --email ann@example.test', PASSWORD);
  if (added.code !== 0) throw new Error(added.err);
});
afterAll(async () => {
  await gateway?.remove();
  await app?.close();
});

const run = (line: string, stdin = ''): Promise<Ran> => gateway.run(line.split(' '), stdin);

/** What `check` notes about a cookie that other hosts of the domain also receive. */
const WIDE_COOKIE = /^note: session\.cookie_domains: browsers send [^\n]+\n$/;

const ONE_LINE = /^doorward: [^\n]+\n$/;

describe('a command in a process of its own', () => {
  it.each([
    ['--help', 0],
    ['--version', 0],
    ['check -c FILE', 0],
    ['check -c none.yaml', 1],
    ['explain --url http://board.gw.test:1/ --time 2026-01-01T00:00:00Z -c FILE', 1],
    ['user list -c FILE', 0],
    ['session list -c FILE', 0],
    ['invitation list -c FILE', 0],
    ['flow graph login -c FILE', 0],
    ['generate nginx -c FILE', 0],
    ['health -c FILE', 0],
    // More than a pipe holds: the process must not exit before all of it is read.
    ['schema config', 0],
    ['user show unknown -c FILE', 1],
    ['frobnicate', 2],
  ])("prints the same as in the test's process: %s", async (line, code) => {
    const args = line.replace('FILE', gateway.configFile).split(' ');
    const spawned = await spawnCommand(args);
    expect(spawned.code).toBe(code);
    expect(spawned).toEqual(await runCommand(args));
  });
});

describe('check', () => {
  it('reports success, or every fault with its location', async () => {
    expect(await run('check')).toEqual({
      code: 0,
      out: `${gateway.configFile} is fine: 3 routes, 3 rules, 17 flows\n`,
      err: expect.stringMatching(WIDE_COOKIE),
    });
    const bad = join(gateway.dir, 'bad.yaml');
    const text = readFileSync(gateway.configFile, 'utf8');
    writeFileSync(bad, text.replace('listen:', 'lissen:').replace('any: [', 'anny: ['));
    const refused = await runCommand(['check', '-c', bad]);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/bad\.yaml:2:1 lissen: /);
    expect(refused.err).toMatch(/bad\.yaml:\d+:\d+ routes\[1\]\.policies\[0\]\.anny?: /);
    const json = await runCommand(['check', '--json', '-c', bad]);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, faults: expect.any(Array) });
  });
});

describe('the expectations in a configuration', () => {
  it('are checked, with the users of the directories', async () => {
    const tested = join(gateway.dir, 'tested.yaml');
    const test = (name: string, decision: string) =>
      `  - { name: ${name}, given: { url: "${gateway.app('board')}/x", user: ann }, expect: { decision: ${decision} } }\n`;
    const text = readFileSync(gateway.configFile, 'utf8');
    writeFileSync(tested, `${text}\ntests:\n${test('ann reads', 'allow')}`);
    const right = await runCommand(['check', '-c', tested]);
    expect(right).toMatchObject({ code: 0, err: expect.stringMatching(WIDE_COOKIE) });
    expect(right.out).toMatch(/flows; 1 test passed\n$/);
    writeFileSync(tested, `${text}\ntests:\n${test('ann is kept out', 'deny')}`);
    const wrong = await runCommand(['check', '-c', tested]);
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toMatch(
      /tested\.yaml:\d+:\d+ tests\[0\] \(ann is kept out\): expected deny, got allow group\/member; because group group\/member {2}\(.+tested\.yaml:\d+:\d+\)\n1 test failed, 0 passed\n$/,
    );
  });
});

describe('explain', () => {
  it('gathers data that policies need from outside, beside a running gateway', async () => {
    const scored = join(gateway.dir, 'scored.yaml');
    const text = readFileSync(gateway.configFile, 'utf8');
    writeFileSync(
      scored,
      `${text}  - id: scored
    host: ${new URL(gateway.app('scored')).host}
    policies: [{ type: reputation, above: -5 }]
`,
    );
    const question = [
      'explain',
      '-c',
      scored,
      '--url',
      `${gateway.app('scored')}/`,
      '--user',
      'ann',
    ];
    expect(await runCommand(question)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('reputation/good'),
    });
    const given = await runCommand([
      ...question,
      '--signal',
      'reputation={"address":-9,"account":0}',
    ]);
    expect(given).toMatchObject({ code: 1, out: expect.stringContaining('reputation/address') });
  });

  it("prints the gateway's own decision, and exits accordingly", async () => {
    const board = `--url ${gateway.app('board')}/x`;
    const allowed = await run(`explain ${board} --user ann`);
    expect(allowed).toMatchObject({ code: 0, err: '' });
    expect(allowed.out).toContain('group/member');
    const anonymous = await run(`explain ${board} --json`);
    expect(anonymous.code).toBe(1);
    expect(JSON.parse(anonymous.out)).toMatchObject({ decision: 'authenticate' });
    const unknown = await run(`explain ${board} --user mallory`);
    expect(unknown).toMatchObject({ code: 1, out: '' });
    expect(unknown.err).toMatch(ONE_LINE);
    expect((await run('explain --url notaurl')).code).toBe(2);
    expect((await run('explain --url http://unknown.example/')).code).toBe(1);
  });
});

describe('user', () => {
  it('adds, lists, shows, changes, locks out and deletes a user', async () => {
    const added = await run('user add bob --attribute team=blue', PASSWORD);
    expect(added).toEqual({ code: 0, out: 'bob is added\n', err: '' });
    const listed = await run('user list');
    expect(listed.out.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'NAME',
      'ann',
      'bob',
      '',
    ]);
    const shown = await run('user show bob --json');
    expect(JSON.parse(shown.out)).toMatchObject({ name: 'bob', attributes: { team: 'blue' } });
    expect(shown.out).not.toContain('argon2');
    expect((await run('user passwd bob', 'another pass phrase\n')).out).toContain('new password');
    expect((await run('user disable bob')).code).toBe(0);
    expect((await run('user list')).out).toMatch(/^bob .*disabled$/m);
    expect((await run('user enable bob')).code).toBe(0);
    expect((await run('user delete bob')).code).toBe(0);
    const gone = await run('user show bob');
    expect(gone).toMatchObject({ code: 1, out: '' });
    expect(gone.err).toMatch(ONE_LINE);
  });

  it('imports a hash that `hash` printed, and the user signs in with its password', async () => {
    const hashed = await run('hash', `${PASSWORD}\n`);
    expect(hashed).toMatchObject({ code: 0, err: '' });
    expect(hashed.out).toMatch(/^\$argon2id\$v=19\$\S+\n$/);
    const path = join(gateway.dir, 'more.yaml');
    writeFileSync(path, `users:\n  cleo: { password: "${hashed.out.trim()}", groups: [staff] }\n`);
    expect((await run(`user import ${path}`)).out).toContain('1 user added');
    expect((await run(`user import ${path}`)).out).toContain('1 skipped');
    const client = new Client();
    const answer = await client.signIn(`${gateway.app('wiki')}/`, 'cleo', PASSWORD);
    expect(answer.status).toBe(200);
    writeFileSync(path, 'users:\n  dan: { password: plain }\n');
    const refused = await run(`user import ${path}`);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('more.yaml:2');
    expect(refused.err).not.toContain(': plain');
  });

  it('refuses invalid input, with the right exit code', async () => {
    const cases: readonly (readonly [string, string, number])[] = [
      ['user add ann', PASSWORD, 1],
      ['user add', '', 2],
      ['user add dora', '', 1],
      ['user add dora', 'short', 1],
      [`user add dora ${PASSWORD}`, '', 2],
      ['user add dora --password x', '', 2],
      ['user passwd unknown', PASSWORD, 1],
      ['user frobnicate', '', 2],
      ['frobnicate', '', 2],
    ];
    const ran = await Promise.all(cases.map(([line, stdin]) => run(line, stdin)));
    expect(ran.map(({ code }, i) => [cases[i]?.[0], code])).toEqual(
      cases.map(([line, , code]) => [line, code]),
    );
    for (const { out, err } of ran) {
      expect(out).toBe('');
      expect(err).toMatch(/^doorward: /);
    }
    expect((await run('user list')).out).not.toContain('dora');
  });
});

describe('a password', () => {
  it('is neither printed nor visible in the list of processes', async () => {
    const secret = 'seen-by-nobody-5E1A';
    const child = spawn(process.execPath, [MAIN, 'user', 'add', 'eve', '-c', gateway.configFile], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    child.stdin.write(secret);
    // Held open, so that the test can inspect it.
    await until('it reads its input', () => processes().some((line) => line.includes('eve')));
    expect(processes().filter((line) => line.includes(secret))).toEqual([]);
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdin.end('\n');
    expect(await ended).toBe(0);
    expect(output).toBe('eve is added\n');
    const added = await new Client().signIn(`${gateway.app('wiki')}/`, 'eve', secret);
    expect(added.status).toBe(200);
    expect(gateway.output()).not.toContain(secret);
    expect((await run('user delete eve')).code).toBe(0);
  });
});

/** Command line and environment of every running process. */
function processes(): readonly string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map((id) => `${readProc(id, 'cmdline')} ${readProc(id, 'environ')}`);
}

function readProc(id: string, name: string): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, 'latin1').replaceAll('\0', ' ');
  } catch {
    // The process has exited, or may not be read.
    return '';
  }
}

describe('session', () => {
  it('lists sessions with user and address, and ends them', async () => {
    expect((await run('session list')).code).toBe(0);
    const client = new Client();
    expect((await client.signIn(`${gateway.app('board')}/`, 'ann', PASSWORD)).status).toBe(200);
    const table = await run('session list --user ann');
    expect(table.out).toMatch(/^ID +USER +SINCE +SEEN +ADDRESS +AGENT\n\S+ +ann .*127\.0\.0\.1/);
    const listed = JSON.parse((await run('session list --user ann --json')).out) as {
      id: string;
    }[];
    expect(listed).toHaveLength(1);
    const cookie = client.cookieHeader('wiki.gw.test');
    expect(table.out).not.toContain(cookie.slice(cookie.indexOf('=') + 1, 60));
    const id = listed[0]?.id ?? '';
    expect(await run(`session revoke --id ${id}`)).toMatchObject({
      code: 0,
      out: '1 session ended\n',
    });
    expect(await run(`session revoke --id ${id}`)).toMatchObject({ code: 1, out: '' });
    expect((await client.open(`${gateway.app('board')}/`)).status).toBe(302);
    expect((await run('session revoke')).code).toBe(2);
    expect((await run('session revoke --all --user ann')).code).toBe(2);
    expect((await run('session revoke --user mallory')).code).toBe(1);
  });
});

describe('generate, schema, flow', () => {
  it.each([
    ['nginx', 'auth_request'],
    ['traefik', 'forwardAuth'],
    ['caddy', 'forward_auth'],
  ])('writes %s for the configured routes', async (proxy, word) => {
    const ran = await run(`generate ${proxy}`);
    expect(ran).toMatchObject({ code: 0, err: '' });
    for (const part of [word, 'wiki.gw.test', 'board.gw.test', `/.doorward/check/${proxy}`]) {
      expect(ran.out).toContain(part);
    }
  });

  it('refuses an unknown target', async () => {
    const ran = await run('generate squid');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(ONE_LINE);
  });

  it('prints schemas without any configuration', async () => {
    for (const kind of ['config', 'flow']) {
      const ran = await runCommand(['schema', kind]);
      expect(ran).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(ran.out)).toMatchObject({ type: 'object' });
    }
    expect((await runCommand(['schema', 'nothing'])).code).toBe(2);
  });

  it('lists, shows and draws flows', async () => {
    expect((await run('flow list')).out).toMatch(
      /^login .*identification → password → user_login/m,
    );
    expect((await run('flow show login')).out).toContain('password');
    expect((await run('flow graph login')).out).toMatch(/^(?:flowchart|graph|stateDiagram)/);
    const ran = await run('flow show nothing');
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(ONE_LINE);
  });
});

describe('health and help', () => {
  it('reports whether the gateway is ready', async () => {
    expect(await run('health')).toEqual({ code: 0, out: 'ready\n', err: '' });
    await gateway.stop();
    const down = await run('health');
    expect(down).toMatchObject({ code: 1, out: '' });
    expect(down.err).toMatch(ONE_LINE);
    await gateway.start();
  });

  it('lists every command', async () => {
    const help = await runCommand(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['serve', 'check', 'explain', 'user', 'session', 'flow', 'hash']) {
      expect(help.out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
    expect((await runCommand(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

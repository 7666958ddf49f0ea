/**
 * A bad configuration does not run: keys, files and expressions that could give access stop the
 * start.
 */
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatFaults } from '../../src/config/faults/fault.ts';
import { load } from '../../src/run/backing/load.ts';
import { Client, FETCH } from '../support/client.ts';
import { spawnCommand } from '../support/command.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/until.ts';
import { type EchoApp, signedIn, startEcho, startWorld } from './fixture.ts';

const A = 'k3y-one-5b1f0c7d9e2a4863-b7d1';
const B = 'k3y-two-9c8d7e6f5a4b3c2d-e0f9';
const strong = (key: string): string => `${key}-${'q7Zt'.repeat(2)}Xw`;

let app: EchoApp;
/** A gateway whose configuration can be broken at will. */
let gateway: Gateway;
beforeAll(async () => {
  app = await startEcho('app');
  gateway = await startGateway({ config: () => options() });
});
afterAll(async () => {
  await gateway.remove();
  await app.close();
});

/** The text after the head of the file. */
function options(extra = '', routes = ''): string {
  return `session: { cookie_domains: [gw.test] }
${extra}
routes:
  - { id: app, host: app.gw.test, upstream: "${app.origin}" }
${routes}`;
}

/** The head that `startGateway` wrote, followed by other text. */
function configure(text: string): void {
  const before = readFileSync(gateway.configFile, 'utf8');
  writeFileSync(gateway.configFile, before.slice(0, before.indexOf('session:')) + text);
}

/** The faults of a configuration with this text; '' if there are none. */
async function faultsOf(text: string, head = true): Promise<string> {
  const file = join(gateway.dir, 'checked.yaml');
  const before = readFileSync(gateway.configFile, 'utf8');
  writeFileSync(file, head ? before.slice(0, before.indexOf('session:')) + text : text);
  const loaded = await load({ file, flags: {} });
  return loaded.ok ? '' : formatFaults(loaded.faults);
}

async function inside(pair: string): Promise<number> {
  const headers = { ...FETCH, cookie: pair };
  return (await new Client().send(`${gateway.app('app')}/x`, { headers })).status;
}

const refusal = (answer: { status: number; body: string }): string =>
  `${answer.status} ${answer.body.replace(/"request_id":"[^"]*"/, '')}`;

const secretOf = (one: Gateway): string => join(one.dir, 'data', 'session-secret');

const routes = (list: readonly string[]): string[] =>
  list.map(
    (when, i) =>
      `{ id: e${i}, host: e${i}.gw.test, upstream: "${app.origin}", policies: [{ type: expression, when: ${JSON.stringify(when)} }] }`,
  );

/** Restarts with this text. */
async function restart(text: string): Promise<void> {
  await gateway.stop();
  configure(text);
  await gateway.start();
}

describe('keys', () => {
  it('SESS-seal-keys: weak keys are refused, listed old keys still open tickets, and other keys do not', async () => {
    const weak = [
      'short',
      'x'.repeat(31),
      'a'.repeat(64),
      'change-me-change-me-change-me-change-me',
      'password'.repeat(6),
      'abcdabcdabcdabcdabcdabcdabcdabcd',
    ];
    for (const secret of weak) {
      const message = await faultsOf(
        options().replace('{ cookie', `{ secrets: ["${secret}"], cookie`),
      );
      expect(message, secret).toContain('session.secrets[0]');
      expect(message, secret).not.toContain(secret);
    }
    const ran = await spawnCommand(['serve', '-c', gateway.configFile], {
      env: { DOORWARD_SESSION__SECRETS: weak[0] ?? '' },
    });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('session.secrets');

    const session = (...keys: string[]): string =>
      options().replace(
        '{ cookie_domains',
        `{ secrets: ["${keys.map(strong).join('", "')}"], cookie_domains`,
      );
    await restart(session(A));
    const { pair, client } = await signedIn(gateway, 'alice');
    expect(await inside(pair)).toBe(200);
    const page = await client.open(`${gateway.portal}/flow/login?as=other`);
    const hidden = [...page.body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const sealed = hidden.map(([, name = '', value = '']) => [name, value] as const);
    expect(sealed.map(([name]) => name)).toContain('seed');
    const browser = client
      .cookieHeader('auth.gw.test')
      .split('; ')
      .find((c) => c.startsWith('doorward-browser='));
    const others = [...sealed, ['browser', browser?.split('=')[1] ?? ''] as const];
    const ask = (cookie: string) =>
      new Client().send(`${gateway.app('app')}/x`, { headers: { ...FETCH, cookie } });
    const none = refusal(await ask('x=y'));
    for (const [name, value] of others) {
      expect(refusal(await ask(`doorward=${value}`)), name).toBe(none);
      const standard = Buffer.from(value, 'base64url').toString('latin1');
      if (/^[\x21-\x7e]+$/.test(standard))
        expect(refusal(await ask(`doorward=${standard}`)), name).toBe(none);
    }

    await restart(session(B, A));
    expect(await inside(pair)).toBe(200);
    const renewed = (await signedIn(gateway, 'alice')).pair;
    await restart(session(A, B));
    expect(await inside(pair)).toBe(200);
    expect(await inside(renewed)).toBe(200);
    await restart(session(B));
    expect(refusal(await ask(pair))).toBe(none);
    expect(await inside(renewed)).toBe(200);
    await restart(options());
    expect(refusal(await ask(renewed))).toBe(none);
  });

  it('SESS-default-secret: without a secret, the start fails or creates a unique one', async () => {
    const port = await freePort();
    const file = join(gateway.dir, 'shared.yaml');
    writeFileSync(
      file,
      `public_url: http://auth.gw.test:${port}\nlisten: 127.0.0.1:${port}\nadmin: { listen: off }\nstate: redis://127.0.0.1:1\ndata_dir: ./shared\n${options()}`,
    );
    const ran = await spawnCommand(['serve', '-c', file]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('session.secrets');
    const other = await startGateway({ config: () => options() });
    try {
      const [mine, theirs] = [gateway, other].map((one) => readFileSync(secretOf(one), 'utf8'));
      expect(mine).not.toBe(theirs);
      expect(Buffer.from(mine ?? '', 'base64url').length).toBeGreaterThanOrEqual(32);
      expect(statSync(secretOf(gateway)).mode & 0o077).toBe(0);
      // A ticket of one gateway is worthless at the other.
      const { pair } = await signedIn(other, 'alice');
      expect(await inside(pair)).toBe(401);
    } finally {
      await other.remove();
    }
  });
});

describe('files', () => {
  it('FLOW-config-error: a broken or missing file stops the start, and does not change a running gateway', async () => {
    const missing = join(gateway.dir, 'not-there');
    const unreadable = join(gateway.dir, 'unreadable');
    writeFileSync(unreadable, 'x');
    chmodSync(unreadable, 0);
    const broken: Record<string, string> = {
      'a secret file that is not there': options().replace(
        '{ cookie_domains',
        `{ secrets: ["\${file:${missing}}"], cookie_domains`,
      ),
      'a variable that is not there': options().replace(
        '{ cookie_domains',
        '{ secrets: ["${env:DOORWARD_NOT_THERE}"], cookie_domains',
      ),
      'an unknown policy': options('', '    policies: [{ type: grupo, any: [x] }]').replace(
        'app.gw.test, upstream: "',
        'app.gw.test, upstream: "',
      ),
      'a policy that is misspelt': options('policies: { a: { type: group, al: [x] } }'),
      'a flow that is not there': options('', '  - { id: b, host: b.gw.test, flow: nothing }'),
      'a key twice': options('throttle: { free: 5 }\nthrottle: { free: 6 }'),
      'an unknown key': options('trusted_proxy: [10.0.0.1]'),
      'a proxy that is everybody': options('trusted_proxies: [everyone]'),
      'half a file': options().slice(0, -30),
      'no YAML at all': '\t: {[',
      nothing: '',
    };
    const { pair } = await signedIn(gateway, 'alice');
    const before = readFileSync(gateway.configFile, 'utf8');
    for (const [name, text] of Object.entries(broken)) {
      configure(text);
      if (name === 'nothing') writeFileSync(gateway.configFile, '');
      expect(await faultsOf(text, name !== 'nothing'), name).not.toBe('');
      const seen = gateway.output().length;
      gateway.hangUp();
      await until(`${name} is refused`, () =>
        gateway.output().slice(seen).includes('configuration refused'),
      );
      // As before: the same visitors are allowed and refused.
      expect(await inside(pair), name).toBe(200);
      expect(await inside('x=y'), name).toBe(401);
      writeFileSync(gateway.configFile, before);
    }
    configure(broken['an unknown policy'] ?? '');
    const ran = await spawnCommand(['serve', '-c', gateway.configFile]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('policies');
    writeFileSync(gateway.configFile, before);
    // Flow and users files follow the same rules.
    const users = join(gateway.dir, 'users.yaml');
    const people = readFileSync(users, 'utf8');
    for (const text of ['users: [', 'users: { alice: { password: plain } }', 'people: {}']) {
      writeFileSync(users, text);
      const seen = gateway.output().length;
      await until('the users file is refused', () =>
        gateway.output().slice(seen).includes('directory/file'),
      );
      expect(await inside(pair)).toBe(200);
    }
    writeFileSync(users, people);
  });

  it('FLOW-yaml-bomb: small files that would expand greatly are refused, and prototypes are unaffected', async () => {
    const lol = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => `*l${i}`).join(', ')}]`,
    ).join('\n');
    const bombs: Record<string, string> = {
      'aliases of aliases': `l0: &l0 [x, x, x, x, x, x, x, x, x]\n${lol}\n`,
      'deep lists': `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
      'deep mappings': `a: ${'{a: '.repeat(20_000)}1${'}'.repeat(20_000)}\n`,
      'merge keys': `a0: &a0 { x: 1 }\n${Array.from({ length: 400 }, (_, i) => `a${i + 1}: &a${i + 1} { <<: [*a${i}, *a${i}] }`).join('\n')}\n`,
      __proto__:
        '__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\n<<: { __proto__: { polluted: true } }\n',
      'a long file': `# ${'x'.repeat(16 << 20)}\n`,
      'a long key': `${'k'.repeat(200_000)}: 1\n`,
      'odd tags': 'a: !!js/function "function(){}"\nb: !<tag:yaml.org,2002:python/object> x\n',
      'many documents': '---\na: 1\n'.repeat(5_000),
    };
    for (const [name, text] of Object.entries(bombs)) {
      const message = await faultsOf(`session: { cookie_domains: [gw.test] }\n${text}`);
      expect(message, name).not.toBe('');
      expect(message.length, name).toBeLessThan(200_000);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    // With little memory, an expanding file would end the process with another code than 1.
    const users = join(gateway.dir, 'bomb-users.yaml');
    writeFileSync(users, `${bombs['aliases of aliases']}users: { a: *l9 }\n`);
    const file = join(gateway.dir, 'bomb.yaml');
    writeFileSync(file, options().replace('routes:', `${bombs['aliases of aliases']}routes:`));
    const env = { NODE_OPTIONS: '--max-old-space-size=96' };
    for (const args of [
      ['check', '-c', file],
      ['user', 'import', users, '-c', gateway.configFile],
    ]) {
      const ran = await spawnCommand(args, { env });
      expect(ran.code, ran.err.slice(0, 500)).toBe(1);
    }
    rmSync(users);
  });
});

describe('expressions', () => {
  it('FLOW-expr-sandbox: reach nothing outside, change nothing, and terminate', async () => {
    const refused = [
      'constructor.constructor("return process")()',
      'process.exit(1) == null',
      'require("fs") != null',
      'globalThis.process != null',
      'user.constructor.name == "Object"',
      'user.__proto__.polluted == true',
      '[].constructor("x") == []',
      '"".constructor.fromCharCode(65) == "A"',
      'user.name.matches("(a+)+$")',
      'user.name = "root"',
      'user.groups.push("admins")',
      '(function(){ while(true){} })()',
      'import("fs") != null',
      'user.groups.all(a, user.groups.all(b, user.groups.all(c, user.groups.all(d, a == b))))',
      `"${'x'.repeat(1900)}" + ${'"x" + '.repeat(60)}"x" != ""`,
      `${'('.repeat(400)}true${')'.repeat(400)}`,
      'eval("1") == 1',
      'now.constructor("return this")() != null',
    ];
    const message = await faultsOf(
      options(
        '',
        routes(refused)
          .map((r) => `  - ${r}`)
          .join('\n'),
      ),
    );
    // The first route belongs to the app.
    const loads = refused.filter((_, i) => !message.includes(` routes[${i + 1}].`));
    expect(loads, message).toEqual([]);

    // Expressions that are valid but match nothing give an error or false, and quickly.
    const harmless = [
      'has(user.attributes.constructor)',
      'user.attributes["__proto__"] != null',
      'user.attributes.toString == "x"',
      're(request.path, "(x+x+)+y")',
      're(request.query, "^(a|a?)+$") && request.query != ""',
      'user.groups.exists(g, re(g, "(a+)+$"))',
    ];
    const world = await startWorld({ trusted: false, routes: () => routes(harmless) });
    try {
      const { pair } = await world.signIn('evil');
      world.app.seen.length = 0;
      for (const [i, when] of harmless.entries()) {
        const url = `${world.gateway.app(`e${i}`)}/${'x'.repeat(3_000)}?${'a'.repeat(3_000)}!`;
        const answer = await new Client().send(url, { headers: { ...FETCH, cookie: pair } });
        expect(answer.status, when).toBe(403);
      }
      const alive = await new Client().send(`${world.gateway.app('app')}/x`, {
        headers: { ...FETCH, cookie: pair },
      });
      expect(alive.status).toBe(200);
    } finally {
      await world.close();
    }
  });
});

describe('the first users', () => {
  it('FLOW-initial-setup: are created only once, and no endpoint creates them', async () => {
    const demo = await startGateway({
      directories: '[{ type: embedded }]',
      config: () =>
        'session: { cookie_domains: [gw.test] }\nroutes: [{ id: whoami, host: whoami.gw.test, upstream: demo:whoami }]\n',
    });
    try {
      const kept = join(demo.dir, 'data', 'first-sign-in.txt');
      const [line = ''] = readFileSync(kept, 'utf8').split('\n');
      const [, password = ''] = line.split(' / ');
      expect(password.length).toBeGreaterThan(12);
      expect(statSync(kept).mode & 0o077).toBe(0);
      for (const path of [
        '/setup',
        '/flow/setup',
        '/flow/initial-setup',
        '/if/flow/initial-setup/',
        '/admin',
      ]) {
        expect((await new Client().open(demo.portal + path)).status, path).toBe(404);
      }
      // The first administrator is created by an invitation, and none was issued here.
      for (const path of ['/flow/first-run', `/flow/first-run?invitation=${'x'.repeat(32)}`]) {
        const uninvited = await new Client().open(demo.portal + path);
        expect([uninvited.status, uninvited.body.includes('type="password"')], path).toEqual([
          403,
          false,
        ]);
        expect((await new Client().open(`${demo.portal}/api${path}`)).status, path).toBe(403);
      }
      for (const name of ['admin', 'ann']) {
        expect((await demo.run(['user', 'delete', name])).code).toBe(0);
      }
      await demo.stop();
      await demo.start();
      expect(JSON.parse((await demo.run(['user', 'list', '--json'])).out)).toEqual([]);
      expect(demo.output()).not.toContain('admin');
      const client = new Client();
      await client.signIn(demo.app('whoami'), 'admin', password);
      expect(client.cookieHeader('whoami.gw.test')).toBe('');
    } finally {
      await demo.remove();
    }
  });
});

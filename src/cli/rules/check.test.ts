/**
 * `doorward check` with tests: passed ones are counted, the others reported with their line and
 * reason.
 */
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { testIssuer } from '../../../test/support/jwt.ts';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  folderOf,
  linkedOf,
  loadText,
  SHIPPED_FLOWS,
} from '../../../test/support/configuration.ts';
import { fakeClock, START, testUser } from '../../../test/support/fakes.ts';
import { doorward, users } from '../../../test/support/terminal.ts';
import type { Advice } from '../../core/setup/advice.ts';
import type { RouteExpectation } from '../../core/setup/expectation.ts';
import { createCommandContext } from '../../run/command-context.ts';
import { run } from '../program.ts';
import { failuresOf } from './expectations.ts';

const FOLDER = 'test/golden/tests';
const ROOT = join(import.meta.dirname, '../../..');
const GOLDEN = join(ROOT, FOLDER);

const NO_ADVICE: readonly Advice[] = [];

/** A command line on real files, at noon, on a machine that gives no cause for advice. */
const check = (...args: readonly string[]) => checkWith(NO_ADVICE, ...args);

async function checkWith(advice: readonly Advice[] | 'real', ...args: readonly string[]) {
  const output = { out: '', err: '' };
  const real = createCommandContext(() => Promise.resolve(0));
  const code = await run(
    {
      ...real,
      ...(advice === 'real' ? {} : { advise: () => Promise.resolve(advice) }),
      clock: fakeClock(),
      terminal: {
        ...real.terminal,
        out: (text) => void (output.out += text),
        err: (text) => void (output.err += text),
      },
    },
    ['check', ...args],
  );
  return { ...output, code };
}

describe('advice', () => {
  const HEAD = 'public_url: https://auth.example.com';
  const WARNING: Advice = { path: 'public_url', level: 'warning', message: 'nothing speaks TLS' };
  const NOTE: Advice = { path: 'session.cookie_domains', level: 'note', message: 'wide' };

  it('is printed beside the result, which is still success', async () => {
    using files = folderOf({ 'doorward.yaml': HEAD });
    const file = join(files.path, 'doorward.yaml');
    const ran = await checkWith([WARNING, NOTE], '-c', file);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('is fine');
    expect(ran.err).toBe(
      'warning: public_url: nothing speaks TLS\nnote: session.cookie_domains: wide\n',
    );
    const json = await checkWith([WARNING], '-c', file, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, advice: [WARNING] });
    expect(json.err).toBe('');
  });

  it('README-https: check warns that no TLS server listens in README’s first configuration', async () => {
    const [, block = ''] =
      /```yaml config\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    // On a separate port, so that a server on this machine's port 443 does not matter.
    const text = block.replace(/^(public_url: https:\/\/\S+)/m, '$1:9');
    using files = folderOf({ 'doorward.yaml': text });
    const ran = await checkWith('real', '-c', join(files.path, 'doorward.yaml'));
    expect(ran.code, ran.err).toBe(0);
    expect(ran.err).toMatch(
      /^warning: public_url: .*no TLS server answers for auth\.example\.com/m,
    );
    expect(ran.err).toMatch(/generate nginx, caddy or traefik/);
  });
});

describe('users over several directories', () => {
  const HASH = `$6$rounds=500000$salt$${'a'.repeat(86)}`;
  const files = {
    'doorward.yaml': `public_url: http://localhost:4747
data_dir: data
directories:
  - { type: file, path: staff.yaml, name: staff }
  - { type: file, path: partners.yaml, name: partners }
`,
    'staff.yaml': `users: { admin: { password: "${HASH}" } }`,
    'partners.yaml': `users:
  Admin: { password: "${HASH}", email: mallory@partner.test }
  bob: { password: "${HASH}" }
`,
  };

  it('DIR-twice: refused ones are counted, by check and by user list', async () => {
    using folder = folderOf(files);
    const file = join(folder.path, 'doorward.yaml');
    const ran = await checkWith('real', '-c', file);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.err).toMatch(/^warning: directories\[1\]: 1 user is refused, .*: Admin\./m);
    expect(ran.err).toMatch(/^note: directories\[1\]: SHA-crypt .*: Admin, bob\./m);
  });

  it('whose hashes are quickly guessed are listed', async () => {
    using folder = folderOf({
      ...files,
      'staff.yaml': `users:
  ann: { password: "{SSHA}N4i71PTMYNxRWwTISETcBT8GLxY4IGJ5dGVzIQ==" }
  bea: { password: "$2b$04$${'a'.repeat(53)}" }
  cai: { password: "pbkdf2_sha256$600000$salt$${'A'.repeat(43)}=" }
`,
    });
    const ran = await checkWith('real', '-c', join(folder.path, 'doorward.yaml'));
    expect(ran.code, ran.err).toBe(0);
    expect(ran.err).toMatch(/^warning: directories\[0\]: .* guess .*: ann, bea\. Make/m);
    expect(ran.err).not.toMatch(/^warning: directories\[1\]: .* guess/m);
  });

  it('DIR-twice: user list counts those of other directories', async () => {
    const config = files['doorward.yaml'].replace(
      'type: file, path: staff.yaml, name: staff',
      'type: embedded',
    );
    using folder = folderOf({ ...files, 'doorward.yaml': config, 'partners.yaml': 'users: {}' });
    const file = join(folder.path, 'doorward.yaml');
    const output = { err: '' };
    const real = createCommandContext(() => Promise.resolve(0));
    const terminal = {
      ...real.terminal,
      out: () => undefined,
      err: (text: string) => void (output.err += text),
    };
    const found = await real.load({ file, flags: {} });
    if (!found.ok) throw new Error('does not load');
    // Reading the users creates no files.
    expect(await real.adviseOnUsers(found.loaded)).toEqual([]);
    expect(existsSync(join(folder.path, 'data', 'directory.db'))).toBe(false);
    const embedded = await real.openUsers(found.loaded);
    await embedded?.create({ name: 'ADMIN' }, null);
    await embedded?.close();
    writeFileSync(join(folder.path, 'partners.yaml'), files['partners.yaml']);
    expect(await run({ ...real, terminal }, ['user', 'list', '-c', file])).toBe(0);
    expect(output.err).toMatch(/^warning: directories\[1\]: 1 user is refused, .*: Admin\./);
  });
});

describe('what a start would open', () => {
  const HEAD = 'public_url: https://auth.example.com\n';
  const folder = (text: string, people = 'users: {}') =>
    folderOf({ 'doorward.yaml': HEAD + text, 'users.yaml': people });

  it.each([
    [
      'a users file that is not there',
      'directories: [{ type: file, path: none.yaml }]',
      'directories[0]',
    ],
    [
      'a list of breaches that is not there',
      'signals: { breached: { path: none.txt } }',
      'signals.breached',
    ],
    [
      'a database of places that is none',
      'signals: { geo: { paths: [users.yaml] } }',
      'signals.geo',
    ],
  ])('is reported if it cannot be opened: %s', async (_, text, path) => {
    using files = folder(text);
    const file = join(files.path, 'doorward.yaml');
    const ran = await check('-c', file);
    expect([ran.code, ran.out]).toEqual([1, '']);
    expect(ran.err.startsWith(`${file} ${path}: `)).toBe(true);
    const { out } = await check('-c', file, '--json');
    expect(JSON.parse(out)).toMatchObject({ ok: false, faults: [{ file, path }] });
    // No files were created on the way.
    expect(readdirSync(files.path).sort()).toEqual(['doorward.yaml', 'users.yaml']);
  });

  it('is reported completely, each fault of a users file with its line', async () => {
    const text =
      'directories: [{ type: file, path: users.yaml }]\nsignals: { geo: { paths: [none.mmdb] } }';
    using files = folder(text, 'users:\n  ann: { password: plain }\n  bob: { grups: [] }\n');
    const { err } = await check('-c', join(files.path, 'doorward.yaml'));
    for (const part of [
      'users.yaml:2:10 users.ann.password',
      'users.yaml:3:10 users.bob.grups',
      'signals.geo: ',
    ]) {
      expect(err).toContain(part);
    }
  });
});

const TEST: RouteExpectation = {
  kind: 'route',
  name: 'ann reads',
  at: 'tests[0]',
  line: 'doorward.yaml:3:5',
  url: 'https://wiki.example.com/',
  method: 'GET',
  given: {
    user: 'ann',
    methods: [{ method: 'password', age: 0 }],
    token: null,
    jwt: null,
    ip: '192.0.2.7',
    time: null,
    headers: {},
    signals: {},
  },
  expect: { decision: 'allow', reason: null, flow: null, status: null },
};

/** Blocks of the documentation that contain tests. */
const SHOWN = ['access.md', 'machines.md']
  .flatMap((page) => [
    ...readFileSync(join(import.meta.dirname, '../../../docs', page), 'utf8').matchAll(
      /^```yaml (config-fragment|flow)\n(.*?)^```$/gms,
    ),
  ])
  .map((match) => ({ kind: match[1] as string, text: match[2] as string }))
  .filter(({ text }) => /^tests:/m.test(text));

describe('tests in the documentation', () => {
  it('exist for routes and for flows', () => {
    expect(SHOWN.map(({ kind }) => kind)).toEqual(['config-fragment', 'flow', 'config-fragment']);
  });

  it.each(SHOWN)('pass: those of a $kind', async ({ kind, text }) => {
    const head =
      'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';
    const logout = readFileSync(join(SHIPPED_FLOWS, 'logout.yaml'), 'utf8');
    const loaded =
      kind === 'flow'
        ? await loadText(`${head}flows: ./flows\n`, {
            files: { 'flows/login.yaml': text, 'flows/logout.yaml': logout },
          })
        : await loadText(head + text);
    const { snapshot, tests } = linkedOf(loaded);
    expect(tests.length).toBeGreaterThan(1);
    expect(await failuresOf(tests, { snapshot, now: START, find: async () => null })).toEqual([]);
  });
});

describe('tests of a configuration', () => {
  it('are run, and counted if all of them pass', async () => {
    const { code, out, err } = await check('-c', `${FOLDER}/right.yaml`);
    expect(err).toBe('');
    expect(out).toBe(
      `${FOLDER}/right.yaml is fine: 2 routes, 10 rules, 3 flows; 31 tests passed\n`,
    );
    expect(code).toBe(0);
  });

  it('are reported with their line, the actual result and the reason', async () => {
    const { code, out, err } = await check('-c', `${FOLDER}/wrong.yaml`);
    expect([code, out]).toEqual([1, '']);
    await expect(err).toMatchFileSnapshot(join(GOLDEN, 'wrong.txt'));
  });

  it('are listed for scripts', async () => {
    const right = await check('-c', `${FOLDER}/right.yaml`, '--json');
    expect(JSON.parse(right.out)).toEqual({
      ok: true,
      faults: [],
      advice: [],
      tests: { passed: 31, failed: [] },
    });
    const wrong = await check('-c', `${FOLDER}/wrong.yaml`, '--json');
    expect([wrong.code, wrong.err]).toEqual([1, '']);
    await expect(wrong.out).toMatchFileSnapshot(join(GOLDEN, 'wrong.json'));
  });

  it('look up a user only if one of them names a user', async () => {
    const opened: string[] = [];
    const context = {
      openDirectories: async () => {
        opened.push('directories');
        return users(testUser());
      },
    };
    const anonymous = { ...TEST, given: { ...TEST.given, user: null, methods: [] } };
    const sent = { ...anonymous, expect: { ...TEST.expect, decision: 'authenticate' as const } };
    expect(await doorward('check', { tests: [sent], context })).toMatchObject({ code: 0, err: '' });
    expect(opened).toEqual([]);
    expect(await doorward('check', { tests: [TEST], context })).toMatchObject({ code: 0, err: '' });
    expect(opened).toEqual(['directories']);
  });

  it('can show a JSON Web Token, whose claims decide', async () => {
    const issuer = testIssuer({ claims: [['ref', ['main']]], user: { name: 'ann' } });
    const accepts = {
      session: true,
      basic: false,
      passwords: false,
      bearer: true,
      certificate: false,
    };
    const snapshot = testSnapshot({ routes: [{ id: 'wiki', accepts }], issuers: [issuer] });
    const shown = (
      claims: Readonly<Record<string, string>>,
      given: Partial<typeof TEST.expect>,
    ) => ({
      ...TEST,
      given: { ...TEST.given, user: null, methods: [], jwt: { issuer, claims } },
      expect: { ...TEST.expect, ...given },
    });
    const tests = [
      shown({ ref: 'main' }, {}),
      shown({ ref: 'other' }, { decision: 'authenticate', reason: 'jwt/claims' }),
      shown({ ref: 'main', aud: 'x' }, { decision: 'authenticate', reason: 'jwt/audience' }),
    ];
    expect(await failuresOf(tests, { snapshot, now: START, find: async () => testUser() })).toEqual(
      [],
    );
    const gone = { snapshot, now: START, find: async () => null };
    expect(await failuresOf(tests, gone)).toMatchObject([
      { because: expect.stringContaining('jwt/no-user') },
    ]);
  });

  it('treat their contents as text, whatever they are', async () => {
    const evil = {
      ...TEST,
      name: 'a\u001b[2J\nb',
      given: { ...TEST.given, user: 'eve\u001b[31m' },
    };
    const { err } = await doorward('check', { tests: [evil], people: users() });
    expect(err).toMatch(/^[\u0020-\u007e\n]*$/);
    expect(err.split('\n')).toHaveLength(3);
  });

  it('are evaluated at the current time if they give none', async () => {
    const old = {
      ...TEST,
      given: { ...TEST.given, methods: [{ method: 'password', age: 43_200_000 }] },
    };
    const { err } = await doorward('check', { tests: [old], people: users(testUser()) });
    expect(err).toContain(
      'doorward.yaml:3:5 tests[0] (ann reads): expected allow, got authenticate login session/none; ' +
        'because a session of ann that began so long ago has ended; session/none',
    );
  });
});

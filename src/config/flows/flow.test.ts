import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  faultsOf,
  linkedOf,
  loadText,
  SHIPPED_FLOWS,
} from '../../../test/support/configuration.ts';

/** The shipped flow, without its link to a flow that does not exist here. */
const LOGIN = readFileSync(join(SHIPPED_FLOWS, 'login.yaml'), 'utf8')
  .replace(', configure: recovery', '')
  .replace(', sign_up: sign-up', '');
const LOGOUT = readFileSync(join(SHIPPED_FLOWS, 'logout.yaml'), 'utf8');
const MAIN = 'public_url: https://auth.example.com\nflows: ./flows\n';

function load(login: string, main = MAIN, more: Record<string, string> = {}) {
  return loadText(main, {
    files: { 'flows/login.yaml': login, 'flows/logout.yaml': LOGOUT, ...more },
  });
}

async function digestOf(login: string, main = MAIN): Promise<string> {
  return linkedOf(await load(login, main)).snapshot.flows.get('login')?.digest ?? '';
}

function office(net: string): string {
  return `${MAIN}policies: { office: { type: network, any: [${net}] } }\n`;
}

describe('the digest of a flow', () => {
  it('is the same for the same meaning', async () => {
    const other = LOGIN.replace('{ en: Sign in, de: Anmelden }', 'Welcome').replace(
      '{ type: identification, by: [username, email] }',
      '{ by: [username, email], on_invalid: retry, type: identification, policies: [] }',
    );
    expect(other).not.toContain('Sign in');
    expect(await digestOf(other)).toBe(await digestOf(LOGIN));
  });

  it.each([
    ['an option', LOGIN.replace('[username, email]', '[email]')],
    ['who may run it', `${LOGIN}policies: [{ type: network, any: [private] }]\n`],
    [
      'what a refused answer leads to',
      LOGIN.replace('password }', 'password, on_invalid: restart }'),
    ],
    ['an id', LOGIN.replace('{ type: password }', '{ type: password, id: secret }')],
    ['another stage', `${LOGIN}  - { type: message, title: Hello, text: there }\n`],
  ])('changes with %s', async (_, login) => {
    expect(await digestOf(login)).not.toBe(await digestOf(LOGIN));
  });

  it('changes with a named policy that it uses', async () => {
    const login = `${LOGIN}policies: [{ name: office }]\n`;
    const one = await digestOf(login, office('10.0.0.0/8'));
    expect(await digestOf(login, office('private'))).not.toBe(one);
  });
});

describe('flow files', () => {
  it('are called by their names; hidden files and others are ignored', async () => {
    const more = {
      'flows/again.yml': LOGIN,
      'flows/..data/x.yaml': '!',
      'flows/.x.yaml': '!',
      'flows/notes.txt': '!',
    };
    const { snapshot } = linkedOf(await load(LOGIN, MAIN, more));
    expect([...snapshot.flows.keys()]).toEqual(['again', 'login', 'logout']);
  });

  it('may contain references', async () => {
    const { snapshot } = linkedOf(
      await load(LOGIN.replace('Sign in', '"${file:title}"'), MAIN, { title: 'Hi' }),
    );
    expect(snapshot.flows.get('login')?.title).toEqual({ en: 'Hi', de: 'Anmelden' });
  });

  it.each([
    [{ 'flows/Log In.yaml': LOGIN }, 'expected a file name'],
    [{ 'flows/login.yml': LOGIN }, 'duplicate flow login'],
    [{ 'flows/big.yaml': `# ${'x'.repeat(256 * 1024)}` }, 'larger than 256 KiB'],
    [{ 'flows/empty.yaml': '' }, 'expected keys and values'],
    [
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`flows/f${i}.yaml`, LOGIN])),
      'at most 200 files',
    ],
  ])('that are invalid cause faults: %#', async (more, message) => {
    const faults = faultsOf(await load(LOGIN, MAIN, more));
    expect(faults.map((f) => f.message).join('\n')).toContain(message);
  });

  it('must include one to sign out with', async () => {
    const loaded = await loadText(MAIN, { files: { 'flows/login.yaml': LOGIN } });
    expect(faultsOf(loaded)[0]?.message).toContain('logout.yaml');
  });
});

describe('a stage in a flow', () => {
  it('is parsed with its own options and those of its position', async () => {
    const login = `title: T
designation: authentication
requires: anonymous
stages:
  - { type: identification, by: [email], with_password: true, on_invalid: restart_keeping }
  - id: hello
    type: message
    title: Hello
    text: there
    match: any
    policies: [{ type: network, any: [private] }]
  - { type: user_login, lasts: 2h }
`;
    const flow = linkedOf(await load(login)).snapshot.flows.get('login');
    expect(flow?.requires).toBe('anonymous');
    expect(
      flow?.stages.map((s) => [s.id, s.stage.type, s.onInvalid, s.policies.match, s.at]),
    ).toEqual([
      ['identification', 'identification', 'restart_keeping', 'all', 'login.stages[0]'],
      ['hello', 'message', 'retry', 'any', 'login.stages[1]'],
      ['user_login', 'user_login', 'retry', 'all', 'login.stages[2]'],
    ]);
    expect(flow?.stages[1]?.policies.bindings[0]?.at).toBe('login.stages[1].policies[0]');
    expect(flow?.stages[2]?.config).toMatchObject({ lasts: 7_200_000 });
  });
});

describe('a stage that leads elsewhere', () => {
  it.each([
    ['https://auth.example.com/', true],
    ['https://wiki.example.com/start?x=1', true],
    ['https://wiki.example.com.evil.test/', false],
    ['http://wiki.example.com/', false],
    ['https://other.example.com/', false],
  ])('may lead to %s: %s', async (to, isFine) => {
    const login = `${LOGIN}  - { type: redirect, to: "${to}" }\n`;
    const main = `${MAIN}session: { cookie_domains: [example.com] }\nroutes: [{ id: wiki, host: wiki.example.com }]\n`;
    const loaded = await load(login, main);
    expect(loaded.ok ? null : loaded.faults[0]?.path).toBe(isFine ? null : 'stages[3]');
  });
});

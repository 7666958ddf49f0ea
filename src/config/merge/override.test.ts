import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';
import { overridesIn } from './override.ts';

const MAIN = `
public_url: https://auth.example.com
state: redis://redis:6379
session: { cookie_domains: [example.com], idle: 2h, secrets: ["\${env:KEY}"] }
directories: [{ type: embedded }, { type: file, path: users.yaml }]
policies: { office: { type: network, any: [10.0.0.0/8] } }
routes:
  - { id: wiki, host: wiki.example.com, upstream: "http://wiki:8080" }
`;
const KEY = 'k3jx9QvLmT5wZr8sYp2nBc7dFg4hJ6aE';
const OTHER = 'Zr8sYp2nBc7dFg4hJ6aEk3jx9QvLmT5w';

async function loadWith(env: Record<string, string>, flags = {}) {
  return loadText(MAIN, {
    env: { KEY, ...env },
    flags,
    files: { one: OTHER, two: `${KEY}\n${OTHER}\n` },
  });
}

async function idle(env: Record<string, string>, flags = {}): Promise<number> {
  return linkedOf(await loadWith(env, flags)).snapshot.session.idle;
}

describe('an environment variable', () => {
  it('overrides the file, and a flag overrides both', async () => {
    expect(await idle({})).toBe(7_200_000);
    expect(await idle({ DOORWARD_SESSION__IDLE: '30m' })).toBe(1_800_000);
    expect(await idle({ DOORWARD_SESSION__IDLE: '30m' }, { 'session.idle': '10m' })).toBe(600_000);
  });

  it.each([
    ['DOORWARD_SESSION__SECRETS', `${OTHER},${KEY}`, [OTHER, KEY]],
    ['DOORWARD_SESSION__SECRETS', `[${OTHER}]`, [OTHER]],
    ['DOORWARD_SESSION__SECRETS', OTHER, [OTHER]],
    ['DOORWARD_SESSION__SECRETS__FILE', 'one', [OTHER]],
    ['DOORWARD_SESSION__SECRETS__FILE', 'two', [KEY, OTHER]],
    ['DOORWARD_SESSION__SECRETS', '${file:one}', [OTHER]],
    ['DOORWARD_SESSION__SECRETS__1', OTHER, [KEY, OTHER]],
  ])('%s=%s is a list', async (name, text, secrets) => {
    expect(linkedOf(await loadWith({ [name]: text })).settings.secrets).toEqual(secrets);
  });

  it.each<[Record<string, string>, object]>([
    [{ DOORWARD_STATE: '{ cluster: ["a:1", "b:2"] }' }, { servers: { kind: 'cluster' } }],
    [{ DOORWARD_STATE__CLUSTER: 'a:1,b:2' }, { servers: { kind: 'cluster' } }],
    [
      { DOORWARD_STATE__SENTINEL__HOSTS: 'a:1,b:2', DOORWARD_STATE__SENTINEL__NAME: 'main' },
      { servers: { kind: 'sentinel', name: 'main' } },
    ],
    [
      { DOORWARD_STATE__URL: 'rediss://redis:6379', DOORWARD_STATE__PASSWORD: '12345' },
      { servers: { kind: 'single' }, password: '12345' },
    ],
    [
      { DOORWARD_STATE__URL: 'rediss://redis:6379', DOORWARD_STATE__PASSWORD__FILE: 'one' },
      { password: OTHER },
    ],
  ])('%j replaces a plain value with a map', async (env, options) => {
    const text = MAIN.replace('state: redis://redis:6379', 'state: embedded');
    const loaded = await loadText(text, { env: { KEY, ...env }, files: { one: OTHER } });
    const { state } = linkedOf(loaded).settings;
    expect(state.kind.type).toBe('redis');
    expect(state.options).toMatchObject(options);
  });

  it('overrides its alternative unless both are given', async () => {
    const both = { DOORWARD_BRAND__NAME: 'x', DOORWARD_BRAND__NAME__FILE: 'one' };
    expect(faultsOf(await loadWith(both)).map((f) => f.message)).toEqual(
      Array(2).fill('is set both directly and with __FILE; keep one of them'),
    );
    const flagged = await loadWith({ DOORWARD_BRAND__NAME__FILE: 'one' }, { 'brand.name': 'y' });
    expect(linkedOf(flagged).snapshot.brand.name).toBe('y');
  });

  it('is parsed as the type of its option', async () => {
    const { settings, snapshot } = linkedOf(
      await loadWith({
        DOORWARD_WORKERS: '3',
        DOORWARD_LISTEN: '127.0.0.1:1,unix:/run/doorward.sock',
        DOORWARD_BRAND__NAME: '42',
        DOORWARD_STATE: 'embedded',
        DOORWARD_TRUSTED_PROXIES: '10.0.0.0/8, loopback',
        DOORWARD_ROUTES__0__PRESERVE_HOST: 'false',
        DOORWARD_ROUTES__1: '{ id: new, host: new.example.com }',
        DOORWARD_DIRECTORIES__1__PATH: '/etc/users.yaml',
        DOORWARD_POLICIES__OFFICE__ANY: '192.168.0.0/16,private',
      }),
    );
    expect(settings.workers).toBe(3);
    expect(settings.listen).toHaveLength(2);
    expect(settings.state.kind.type).toBe('embedded');
    expect(settings.directories[1]?.options).toMatchObject({ path: '/etc/users.yaml' });
    expect(snapshot.brand.name).toBe('42');
    expect(snapshot.isTrustedProxy('127.0.0.1')).toBe(true);
    expect(snapshot.table.routes.map((r) => [r.id, r.preserveHost])).toEqual([
      ['wiki', false],
      ['new', true],
    ]);
  });

  it.each([
    [{ DOORWARD_SESION__IDLE: '1h' }, 'DOORWARD_SESSION__IDLE'],
    [{ DOORWARD_SESSION__IDEL: '1h' }, 'DOORWARD_SESSION__IDLE'],
    [{ DOORWARD_SESSION__SECRET__FILE: 'one' }, 'DOORWARD_SESSION__SECRETS__FILE'],
    [{ DOORWARD_ROUTES__0__UPSTREEM: 'x' }, 'DOORWARD_ROUTES__0__UPSTREAM'],
    [{ DOORWARD_DIRECTORIES__1__PAHT: 'x' }, 'DOORWARD_DIRECTORIES__1__PATH'],
  ])('%j is a fault with a suggestion', async (env, meant) => {
    const [fault] = faultsOf(await loadWith(env));
    expect(fault).toMatchObject({ file: `environment ${Object.keys(env)[0]}`, suggestion: meant });
  });

  it('with an invalid value is a fault of the environment, not of the file', async () => {
    const [fault] = faultsOf(await loadWith({ DOORWARD_SESSION__IDLE: 'soon' }));
    expect(fault).toMatchObject({
      file: 'environment DOORWARD_SESSION__IDLE',
      path: 'session.idle',
    });
  });

  it('cannot be given together with its file', async () => {
    const env = { DOORWARD_SESSION__SECRETS: KEY, DOORWARD_SESSION__SECRETS__FILE: 'one' };
    expect(faultsOf(await loadWith(env))[0]?.message).toContain('both directly and with __FILE');
  });

  it('with an invalid secret never shows it', async () => {
    const faults = faultsOf(await loadWith({ DOORWARD_SESSION__SECRETS: 'hunter2' }));
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it.each([
    'DOORWARD_CONFIG',
    'DOORWARD_TEST_WITHOUT',
    'DOORWARD_SERVICE_HOST',
    'DOORWARD_SERVICE_PORT_HTTP',
    'DOORWARD_PORT',
    'DOORWARD_PORT_4747_TCP_ADDR',
    'DOORWARD_ADMIN_SERVICE_HOST',
    'DOORWARD_ADMIN_PORT_9464_TCP',
    'PATH',
  ])('%s is no option, and no fault', (name) => {
    expect(overridesIn({ [name]: 'x' })).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';
import { testUser } from '../../../test/support/fakes.ts';

const HEAD = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';

function load(options: string, host = 'wiki.example.com', env: Record<string, string> = {}) {
  const route = `{ id: wiki, host: "${host}", upstream: { url: "http://wiki", ${options} } }`;
  return loadText(`${HEAD}routes: [${route}]\n`, { env });
}

async function messagesOf(options: string) {
  const [route] = linkedOf(await load(options)).snapshot.table.routes;
  return route?.upstream?.messages ?? null;
}

async function faultOf(options: string, host?: string) {
  const faults = faultsOf(await load(options, host));
  expect(faults).toHaveLength(1);
  const [fault] = faults;
  return { ...fault, path: fault?.path.replace('routes[0].upstream.', '') };
}

describe('the messages of an upstream', () => {
  it('stay as they are by default', async () => {
    for (const options of ['', 'headers: {}', 'rewrite: {}', 'headers: { set: {}, remove: [] }']) {
      expect(await messagesOf(options)).toBeNull();
    }
  });

  it('get headers, in which no client can have a say', async () => {
    const messages = await messagesOf(
      'headers: { set: { X-Api-Key: k3y, X-Who: "{user.name}" }, remove: [Accept-Language] }',
    );
    const values = messages?.set.map(({ name, value }) => [name, value(testUser({ name: 'ann' }))]);
    expect(values).toEqual([
      ['X-Api-Key', 'k3y'],
      ['X-Who', 'ann'],
    ]);
    expect(messages?.folded).toEqual(
      new Set(
        'remoteuser remotegroups remotename remoteemail xapikey xwho acceptlanguage'.split(' '),
      ),
    );
    expect(messages?.authorization).toBeNull();
  });

  it('get Basic credentials in place of the client’s', async () => {
    const messages = await messagesOf('basic: { user: svc, password: "{user.attributes.pin}" }');
    expect(messages?.folded.has('authorization')).toBe(true);
    const ann = testUser({ attributes: { pin: '1234' } });
    expect(messages?.authorization?.(ann)).toBe(`Basic ${btoa('svc:1234')}`);
    expect(messages?.authorization?.(null)).toBe('');
  });

  it('are rewritten', async () => {
    const { rewrites } = (await messagesOf(
      'rewrite: { location: true, cookie_domain: .Example.com, cookie_path: true }',
    )) ?? { rewrites: null };
    expect(rewrites).toEqual({ location: true, cookieDomain: 'example.com', cookiePath: true });
  });

  it('take secrets from files and the environment', async () => {
    const loaded = await load('headers: { set: { X-Api-Key: "${env:KEY}" } }', undefined, {
      KEY: 'k3y',
    });
    const [route] = linkedOf(loaded).snapshot.table.routes;
    expect(route?.upstream?.messages?.set[0]?.value(null)).toBe('k3y');
  });

  it('must not get a line end from a secret, which no fault shows', async () => {
    const loaded = await load('headers: { set: { X-Api-Key: "x${env:KEY}" } }', undefined, {
      KEY: 's3cr3t\r\nX-Admin: 1',
    });
    const [fault] = faultsOf(loaded);
    expect(fault?.message).toMatch(/line ends/);
    expect(JSON.stringify(fault)).not.toContain('s3cr3t');
  });

  it('show no value when they are printed', async () => {
    const options = 'headers: { set: { X-A: s3cr3t } }, basic: { user: svc, password: s3cr3t }';
    expect(JSON.stringify(await messagesOf(options))).not.toContain('s3cr3t');
  });
});

describe('faults', () => {
  it.each(
    [
      'Host Content-Length Transfer-Encoding Connection Upgrade Cookie TE X-Forwarded-For Forwarded',
      'X-Real-IP X-Request-Id X-Original-URL Proxy Sec-WebSocket-Key Expect xforwardedfor',
    ].flatMap((names) => names.split(' ')),
  )('%s is neither set nor removed', async (name) => {
    for (const options of [`{ set: { ${name}: x } }`, `{ remove: [${name}] }`]) {
      const fault = await faultOf(`headers: ${options}`);
      expect(fault.message).toBe(`${name} is written by Doorward for each request`);
    }
  });

  it.each([
    ['headers: { set: { X_A: x } }', 'headers.set.X_A', /letters, digits and hyphens/],
    ['headers: { set: { "X A": x } }', /^headers\.set/, /letters, digits and hyphens/],
    ['headers: { set: { Remote-User: x } }', 'headers.set.Remote-User', /identity header/],
    ['headers: { remove: [remoteuser] }', 'headers.remove[0]', /identity header/],
    ['headers: { set: { X-A: x, XA: y } }', 'headers.set.XA', /confuse this with X-A/],
    ['headers: { set: { X-A: x }, remove: [x-a] }', 'headers.remove[0]', /has no effect/],
    ['headers: { set: { X-A: "a\\nb" } }', 'headers.set.X-A', /line ends/],
    ['headers: { set: { X-A: "a\\0b" } }', 'headers.set.X-A', /control characters/],
    ['headers: { set: { X-A: "{user.nam}" } }', 'headers.set.X-A', /expected placeholders among/],
    ['basic: { user: "a:b", password: p }', 'basic.user', /colon/],
    ['basic: { user: a, password: "{user.x}" }', 'basic.password', /expected placeholders/],
    [
      'headers: { remove: [Authorization] }, basic: { user: a, password: p }',
      'basic',
      /sets Authorization too/,
    ],
    ['rewrite: { cookie_domain: "a b" }', 'rewrite.cookie_domain', /expected a domain/],
    ['rewrite: { cookie_domain: "*.example.com" }', 'rewrite.cookie_domain', /expected a domain/],
    ['rewrite: { cookie_domain: example.org }', 'rewrite.cookie_domain', /would refuse/],
    ['rewrite: { cookie_domain: le.com }', 'rewrite.cookie_domain', /would refuse/],
  ])('%s', async (options, path, message) => {
    const fault = await faultOf(options);
    expect(fault.path).toMatch(path);
    expect(fault.message).toMatch(message);
  });

  it('show no value, since it can be a secret', async () => {
    for (const text of ['s3cr3t{user.nam}', 's3cr3t\\u0001', 's3cr3t:{user.name']) {
      const { message, suggestion, source } = await faultOf(`headers: { set: { X-A: "${text}" } }`);
      expect(`${message} ${suggestion} ${source}`).not.toContain('s3cr3t');
    }
  });

  it('name the placeholder that was meant', async () => {
    const fault = await faultOf('headers: { set: { X-A: "{user.nam}" } }');
    expect(fault.suggestion).toBe('"{user.name}"');
  });

  it('a wildcard’s hosts need a domain that contains them all', async () => {
    const { message } = await faultOf(
      'rewrite: { cookie_domain: a.dev.example.com }',
      '*.dev.example.com',
    );
    expect(message).toMatch(/would refuse/);
    const loaded = await load('rewrite: { cookie_domain: dev.example.com }', '*.dev.example.com');
    expect(loaded.ok).toBe(true);
  });
});

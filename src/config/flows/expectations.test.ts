/** Tests beside routes and flows, and `why`, as parsed from the files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linkedOf, loadText, SHIPPED_FLOWS } from '../../../test/support/configuration.ts';

const HEAD = `
public_url: https://auth.example.com
session: { cookie_domains: [example.com] }
routes: [{ id: wiki, host: wiki.example.com }]
`;

const load = async (text: string, files: Readonly<Record<string, string>> = {}) =>
  linkedOf(await loadText(HEAD + text, { files }));

const shipped = (name: string) => readFileSync(join(SHIPPED_FLOWS, `${name}.yaml`), 'utf8');

describe('tests in YAML', () => {
  it('give user, method, address and time; by default, an anonymous visitor opens a page now', async () => {
    const { tests } = await load(`
tests:
  - name: anonymous
    given: { url: "https://wiki.example.com/" }
    expect: { decision: authenticate }
  - name: a user
    given:
      url: https://wiki.example.com/a
      method: post
      user: { name: zoe, groups: [staff], attributes: { level: 3 } }
      methods: { password: 2h, totp: 5m }
      ip: 2001:db8::7
      time: 2026-11-23T12:00:00+01:00
      headers: { X-Kind: x }
      signals: { reputation: { address: 0 } }
    expect: { decision: deny, status: 403, reason: group/not-member }
`);
    expect(tests[0]).toEqual({
      kind: 'route',
      name: 'anonymous',
      at: 'tests[0]',
      line: 'doorward.yaml:7:5',
      url: 'https://wiki.example.com/',
      method: 'GET',
      given: {
        user: null,
        token: null,
        jwt: null,
        methods: [],
        ip: '127.0.0.1',
        time: null,
        headers: {},
        signals: {},
      },
      expect: { decision: 'authenticate', reason: null, flow: null, status: null },
    });
    expect(tests[1]).toMatchObject({
      method: 'POST',
      given: {
        user: { id: 'test/zoe', name: 'zoe', groups: ['staff'], disabled: false },
        methods: [
          { method: 'password', age: 7_200_000 },
          { method: 'totp', age: 300_000 },
        ],
        time: Date.UTC(2026, 10, 23, 11),
        headers: { 'x-kind': 'x' },
        signals: { reputation: { address: 0 } },
      },
      expect: { status: 403, reason: 'group/not-member' },
    });
  });

  it('may also be beside stages, and do not change the meaning of the flow', async () => {
    const flow = `
title: Sign in
designation: authentication
stages: [{ type: identification }, { type: password }, { type: user_login }]
`;
    const tested = `${flow}tests:
  - name: it asks for a password
    given: { user: ann, event: invitation }
    expect: { stages: [identification, password, user_login] }
`;
    const files = { 'flows/logout.yaml': shipped('logout') };
    const plain = await load('flows: ./flows', { ...files, 'flows/login.yaml': flow });
    const more = await load('flows: ./flows', { ...files, 'flows/login.yaml': tested });
    const digest = ({ snapshot }: typeof plain) => snapshot.flows.get('login')?.digest;
    expect(digest(more)).toBe(digest(plain));
    expect([plain.tests.length, more.tests.length]).toEqual([0, 1]);
    expect(more.tests[0]).toMatchObject({
      kind: 'flow',
      flow: 'login',
      event: 'invitation',
      isSignedIn: false,
      url: null,
      given: { user: 'ann', methods: [{ method: 'password', age: 0 }] },
    });
    expect(more.tests[0]?.line).toMatch(/login\.yaml:6:5$/);
  });

  it('are at most a thousand', async () => {
    const one =
      '  - { name: x, given: { url: "https://wiki.example.com/" }, expect: { decision: allow } }\n';
    const { tests } = await load(`tests:\n${one.repeat(1000)}`);
    expect(tests).toHaveLength(1000);
    await expect(load(`tests:\n${one.repeat(1001)}`)).rejects.toThrow('at most 1000 items');
  });
});

describe('disclosure', () => {
  it.each([
    ['', { everybody: 'reasons', groups: new Map() }],
    ['why: code', { everybody: 'code', groups: new Map() }],
    ['why: { everybody: trace }', { everybody: 'trace', groups: new Map() }],
    [
      'why: { groups: { admins: trace } }',
      { everybody: 'reasons', groups: new Map([['admins', 'trace']]) },
    ],
  ])('for %j shows one level to everyone, and some groups more', async (text, disclosure) => {
    expect((await load(text)).snapshot.disclosure).toEqual(disclosure);
  });
});

/** A policy that fails grants nothing, and never removes a stage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateSet, type PolicySet, type Evaluate } from '../../src/core/policy/policy.ts';
import { Client, FETCH, NAVIGATION, readForm } from '../support/client.ts';
import { anInput } from '../support/policy-input.ts';
import { sendRaw, statuses } from '../support/raw.ts';
import { until } from '../support/until.ts';
import { logOf, startWorld, ticketOf, type World } from './fixture.ts';

const FLOWS = {
  login: `title: Sign in
designation: authentication
stages:
  - { type: identification, by: [username] }
  - { type: password }
  - { type: user_login }
`,
  logout: 'title: Sign out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
  // Only from one network, and only with a password there.
  office: `title: Office
designation: authentication
stages:
  - { type: identification, by: [username] }
  - type: deny
    text: Not from here.
    policies: [{ type: network, any: [198.51.100.0/24], negate: true }]
  - { type: password }
  - { type: user_login }
`,
  // The policy of the second stage fails for every user, so the stage stays.
  kept: `title: Kept
designation: authentication
stages:
  - { type: identification, by: [username] }
  - type: message
    title: Kept in
    text: Kept.
    policies: [{ type: expression, when: "user.attributes.missing == 'x'" }]
  - { type: password }
  - { type: user_login }
`,
  faulty: `title: Faulty
designation: configuration
policies: [{ type: expression, when: "user.attributes.missing == 'x'" }]
stages: [{ type: message, title: Never seen, text: Never. }]
`,
};

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    flows: FLOWS,
    routes: (app) => [
      `{ id: throws, host: throws.gw.test, upstream: "${app.origin}", policies: [{ type: expression, when: "user.attributes.missing == 'x'" }] }`,
      `{ id: negated, host: negated.gw.test, upstream: "${app.origin}", policies: [{ type: expression, when: "user.attributes.missing == 'x'", negate: true }] }`,
      `{ id: any, host: any.gw.test, upstream: "${app.origin}", match: any, policies: [{ type: expression, when: "user.attributes.missing == 'x'" }, { type: group, any: [admins] }] }`,
    ],
  });
});
afterAll(() => world.close());

const flow = (name: string): string => `${world.gateway.portal}/flow/${name}`;

function bare(path: string, cookie: string, host = 'app.gw.test'): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
}

describe('a failing policy denies access, and keeps a stage', () => {
  it('FLOW-xff-policy-error: no client-supplied address removes the password', async () => {
    const LIES = [
      'a',
      '::1%eth0',
      '127.0.0.1:port',
      '127.0.0.1:80:80',
      '198.51.100.7',
      '198.51.100.7:80',
      '1'.repeat(300),
      ',',
      '[::1',
      '0x7f.1',
    ];
    const trusting = await startWorld({ trusted: true, flows: FLOWS });
    try {
      for (const [at, isTrusted] of [
        [world, false],
        [trusting, true],
      ] as const) {
        for (const lie of LIES) {
          const client = new Client();
          const headers = { 'x-forwarded-for': lie };
          const first = await client.open(`${at.gateway.portal}/flow/office`, headers);
          const isPlain = lie.startsWith('198.51.100.7');
          if (isTrusted && !isPlain) {
            expect(first.status, lie).toBe(400);
            continue;
          }
          expect(first.status, lie).toBe(200);
          const { action, hidden } = readForm(first);
          const answered = await client.send(action, {
            method: 'POST',
            headers: {
              ...NAVIGATION,
              ...headers,
              'content-type': 'application/x-www-form-urlencoded',
              origin: at.gateway.portal,
            },
            body: new URLSearchParams({ ...hidden, login: 'alice' }).toString(),
          });
          const page =
            answered.location === '' ? answered : await client.open(answered.location, headers);
          expect(page.body.includes('current-password'), lie).toBe(isTrusted);
          expect(page.body.includes('Not from here'), lie).toBe(!isTrusted);
          expect(ticketOf(client)).toBeNull();
        }
      }
    } finally {
      await trusting.close();
    }
  });

  it('FLOW-policy-throw: one that throws, or returns no verdict, denies with its reason', async () => {
    const { client, pair } = await world.signIn('alice');
    for (const host of ['throws', 'negated', 'any']) {
      const answer = await client.send(world.gateway.app(host), { headers: FETCH });
      expect(answer.status, host).toBe(403);
      expect(answer.body, host).toContain('policy/error');
    }
    expect((await client.open(flow('faulty'))).body).not.toContain('Never seen');
    const stranger = new Client();
    const kept = await stranger.submitAndFollow(await stranger.open(flow('kept')), {
      login: 'bob',
    });
    expect(kept.body).toContain('Kept in');
    // With `any`, a user whom another policy allows is still let in.
    const bob = (await world.signIn('bob')).pair;
    expect(statuses(await sendRaw(world.gateway.port, bare('/', bob, 'any.gw.test')))).toEqual([
      200,
    ]);
    expect(statuses(await sendRaw(world.gateway.port, bare('/', pair)))).toEqual([200]);
    await until('the denial in the log', () =>
      logOf(world.gateway).some(
        ({ route, reasons }) => route === 'throws' && String(reasons).includes('policy/error'),
      ),
    );

    const odd: Evaluate[] = [
      () => {
        throw new Error('broken');
      },
      () => undefined as never,
      () => null as never,
      () => true as never,
      () => ({ pass: 'yes', reason: { code: 'x' } }) as never,
      () => ({ pass: true }) as never,
      (() => Promise.resolve({ pass: true, reason: { code: 'x' } })) as never,
      (() => new Promise(() => undefined)) as never,
    ];
    for (const evaluate of odd) {
      for (const negate of [false, true]) {
        const binding = {
          name: 'odd',
          evaluate,
          negate,
          otherwise: null,
          expires: null,
          dryRun: false,
          needs: [],
          field: null,
          at: 'x',
          line: '',
        };
        const gate: PolicySet = { match: 'all', bindings: [binding] };
        expect(evaluateSet(gate, anInput()).pass).toBe(false);
        expect(evaluateSet({ ...gate, match: 'any' }, anInput()).pass).toBe(false);
      }
    }
  });
});

/**
 * The rules that hold in every flow, each by its number, through the endpoints of a gateway. Rules
 * tested elsewhere are not repeated: see links, single-use, rate, redirects and policies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { setUpPhone } from './factors.ts';
import { codeOf, type FlowWorld, type Reply, startFlowWorld } from './flow-world.ts';

const TWENTY = Array.from({ length: 20 }, (_, index) => index);
const PEOPLE = ['ann', 'ben', 'cem', 'dia', 'eli', 'fay', 'gus', 'hal'];

let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(PEOPLE);
});
afterAll(() => world?.close());

const isDone = ({ json }: Reply): boolean => json?.done === true;
const ticketOf = (client: Client): string | undefined =>
  client
    .cookieHeader('auth.gw.test')
    .split('; ')
    .find((pair) => pair.startsWith('doorward-portal='));
const isIn = async (pair: string | undefined): Promise<boolean> => {
  const headers = pair === undefined ? {} : { cookie: pair };
  return (await new Client().send(`${world.portal}/`, { headers, bare: true })).status === 200;
};

describe('the rules of flows', () => {
  it('1, 4: a stage skipped on one network is required on another, wherever the run began', async () => {
    const from = async (address: string) => {
      const question = await world.reply(await world.begin('outside'), { login: 'ann' });
      return world.reply(question, { password: PASSWORD }, {}, address);
    };
    expect(isDone(await from('10.1.2.3'))).toBe(true);
    for (const address of [
      '203.0.113.9',
      '::ffff:203.0.113.9',
      '10.1.2.3.example',
      '10.1.2.3, 203.0.113.9',
      'unknown',
      '2001:db8::10',
    ]) {
      const reply = await from(address);
      expect(isDone(reply), address).toBe(false);
      expect(ticketOf(reply.client), address).toBeUndefined();
    }
    // Begun inside the network, finished outside: the policy is evaluated again with the
    // submission.
    const far = await from('203.0.113.9');
    expect(far.json.stage.id).toBe('far');
    const back = await world.reply(far, {}, {}, '203.0.113.9');
    expect(isDone(back)).toBe(true);
  });

  it('2, 3: twenty concurrent submissions to every stage, before any proof, begin no session', async () => {
    for (const name of ['login', 'code', 'link', 'shared', 'recovery', 'passkey', 'strong']) {
      const first = await world.begin(name);
      const second = await world.reply(first, { login: 'ben' });
      const stages = ['user_login', 'user_write', 'prompt', 'authenticator', 'password', null];
      for (const at of [first, second]) {
        const ends = await Promise.all(
          TWENTY.map((i) =>
            world.reply(
              at,
              i % 2 === 0 ? {} : { login: 'ben', password: 'a guess', code: '000000' },
              { stage: stages[i % stages.length] ?? undefined },
            ),
          ),
        );
        for (const end of ends) {
          expect(isDone(end), name).toBe(false);
          expect(ticketOf(end.client), name).toBeUndefined();
        }
      }
    }
    expect(await world.sessionsOf('ben')).toBe(0);
    // Each run has sent at most one email.
    expect(world.emailsTo('ben')).toBeLessThanOrEqual(4);
  });

  it('5: a run of another browser, another flow or another time is refused', async () => {
    const mine = await world.reply(await world.begin('login'), { login: 'cem' });
    const other = await world.begin('login');
    const crossed: readonly (readonly [string, Reply, object])[] = [
      ['another browser', { ...mine, client: other.client }, {}],
      ['no browser', { ...mine, client: new Client() }, {}],
      ['another flow', { ...mine, json: { ...mine.json, flow: { name: 'code' } } }, {}],
      ['another run’s token', mine, { csrf: other.json.csrf }],
      ['a token of before', mine, { csrf: mine.json.csrf, revision: '0' }],
      ['a plan and a seed', mine, { seed: other.json.seed }],
      ['another seed', mine, { plan: undefined, seed: other.json.seed }],
      ['a cut seed', other, { seed: String(other.json.seed).slice(0, -4) }],
      ['a plan of no such shape', mine, { plan: '../../etc/passwd' }],
    ];
    for (const [what, reply, more] of crossed) {
      const end = await world.reply(reply, { password: PASSWORD }, more);
      expect(end.status, what).toBeGreaterThanOrEqual(400);
      expect(ticketOf(end.client), what).toBeUndefined();
    }
    expect(isDone(await world.reply(mine, { password: PASSWORD }))).toBe(true);
  });

  it('5: a flow that changes halfway begins again, and keeps its destination', async () => {
    const rd = `${world.portal}/flow/profile`;
    const client = new Client();
    const first = await client.open(`${world.portal}/flow/outside?rd=${encodeURIComponent(rd)}`);
    const page = await client.submitAndFollow(first, { login: 'dia' });
    const file = join(world.gateway.dir, 'flows/outside.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('From far away', 'From very far away'));
    world.gateway.hangUp();
    await expect
      .poll(() => world.gateway.output().match(/"reload/g)?.length ?? 0)
      .toBeGreaterThan(0);
    const end = await client.submit(page, { password: PASSWORD });
    const to = new URL(end.location);
    expect([end.status, to.pathname, to.searchParams.get('rd')]).toEqual([
      303,
      '/flow/outside',
      rd,
    ]);
    expect(to.searchParams.has('plan')).toBe(false);
    expect(ticketOf(client)).toBeUndefined();
    const again = await client.open(end.location);
    expect(again.status).toBe(200);
    const question = await client.submitAndFollow(again, { login: 'dia' });
    const far = await client.submitAndFollow(question, { password: PASSWORD });
    expect(far.body).toContain('From very far away');
  });

  it('6: of twenty concurrent submissions to every stage of a three-stage sign-in, one succeeds', async () => {
    const { phone } = await setUpPhone(world, 'eli');
    const before = await world.sessionsOf('eli');
    const first = await world.begin('login');
    const seconds = await Promise.all(TWENTY.map(() => world.reply(first, { login: 'eli' })));
    const plans = new Set(seconds.map(({ json }) => `${json.plan} ${json.revision}`));
    expect(plans.size).toBe(1);
    const second = seconds[0] as Reply;
    const thirds = await Promise.all(TWENTY.map(() => world.reply(second, { password: PASSWORD })));
    expect(new Set(thirds.map(({ json }) => `${json.plan} ${json.revision}`)).size).toBe(1);
    const third = thirds[0] as Reply;
    const code = phone.code();
    const ends = await Promise.all(TWENTY.map(() => world.reply(third, { code })));
    expect(ends.some(isDone)).toBe(true);
    expect((await world.sessionsOf('eli')) - before).toBe(1);
    expect((await world.reply(third, { code })).json.done).toBe(true);
    expect((await world.sessionsOf('eli')) - before).toBe(1);
  });

  it('7: a user who is locked out remotely signs in on a known device with both factors', async () => {
    const { phone } = await setUpPhone(world, 'fay');
    const home = await world.reply(await world.named('fay'), { code: phone.code() });
    expect(isDone(home)).toBe(true);
    for (let tries = 0; tries < 6; tries += 1) {
      await world.reply(await world.named('fay'), { code: '000000' });
    }
    const afar = await world.reply(await world.named('fay'), { code: phone.code() });
    expect(afar.status).toBe(429);
    for (let tries = 0; tries < 6; tries += 1) await world.named('fay', 'a guess');
    expect((await world.named('fay')).status).toBe(429);
    const question = await world.reply(await world.begin('login', home.client), { login: 'fay' });
    const second = await world.reply(question, { password: PASSWORD });
    expect(second.status).toBe(200);
    expect(isDone(await world.reply(second, { code: await phone.next() }))).toBe(true);
    // The device is known for her alone.
    for (let tries = 0; tries < 6; tries += 1) await world.named('gus', 'a guess');
    const other = await world.reply(await world.begin('login', home.client), { login: 'gus' });
    expect((await world.reply(other, { password: PASSWORD })).status).toBe(429);
  });

  it('10: every sign-in, further proof and sign-out renews the ticket, and the old one is invalid', async () => {
    const { client, phone } = await setUpPhone(world, 'hal');
    const one = ticketOf(client);
    const planted = `doorward-portal=${'A'.repeat(80)}`;
    const up = await world.reply(await world.begin('step-up', client), { code: phone.code() });
    expect(isDone(up)).toBe(true);
    const two = ticketOf(client);
    expect([await isIn(one), await isIn(two), await isIn(planted)]).toEqual([false, true, false]);
    expect(two).not.toBe(one);
    // Signing in as another user also ends the session that existed.
    const question = await world.reply(await world.begin('code', client), { login: 'ann' });
    await world.reply(question, { code: codeOf(await world.emailTo('ann')) });
    const three = ticketOf(client);
    expect(three).not.toBe(two);
    expect([await isIn(two), await isIn(three)]).toEqual([false, true]);
    await world.reply(await world.begin('logout', client), {});
    expect([ticketOf(client), await isIn(three)]).toEqual([undefined, false]);
  });

  it('11: links between flows keep a checked destination, and no other', async () => {
    const good = `${world.portal}/flow/profile`;
    for (const [rd, expected] of [
      [good, good],
      ['https://evil.test/', null],
      [`${world.portal}.evil.test/`, null],
      [`http://user@auth.gw.test:1/`, null],
      ['javascript:alert(1)', null],
      [`${world.portal}/flow/login\r\nX: y`, null],
      ['//evil.test', null],
      ['/\\evil.test', null],
    ] as const) {
      const client = new Client();
      const url = `${world.portal}/flow/welcome?rd=${encodeURIComponent(rd)}`;
      const onward = await client.submit(await client.open(url), {});
      const to = new URL(onward.location);
      expect([to.origin, to.pathname, to.searchParams.get('rd')], rd).toEqual([
        world.portal,
        '/flow/login',
        expected,
      ]);
    }
  });
});

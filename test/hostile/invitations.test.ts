/**
 * Invitations are good for one flow, once, with the values they were issued with, whatever a form
 * says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { codeOf, type FlowWorld, type Reply, startFlowWorld } from './flow-world.ts';

const PASSWORD = 'a password of mine';
let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(['ann', 'will']);
});
afterAll(() => world?.close());

/** The token of a new invitation. */
async function invite(flow: string, ...options: readonly string[]): Promise<string> {
  const link = (await world.run('invitation', 'create', '--flow', flow, ...options)).trim();
  return new URL(link).searchParams.get('invitation') ?? '';
}

/** A flow's reply with this token, after the click that some flows begin with. */
async function come(flow: string, token: string, client = new Client()): Promise<Reply> {
  const url = `${world.portal}/api/flow/${flow}?invitation=${token}`;
  const answer = await client.send(url);
  const reply = { client, answer, status: answer.status, json: JSON.parse(answer.body) };
  return reply.json.challenge?.fields.length === 0 ? world.reply(reply, {}) : reply;
}

const enrol = (at: Reply, username: string, more: object = {}): Promise<Reply> =>
  world.reply(at, { username, email: `${username}@example.test`, password: PASSWORD, ...more });

interface Listed {
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}
const people = async (): Promise<readonly Listed[]> =>
  JSON.parse(await world.run('user', 'list', '--json')) as Listed[];
const named = async (name: string): Promise<Listed | undefined> =>
  (await people()).find((one) => one.name === name);

describe('an invitation', () => {
  it('FLOW-invite-cross: for guests creates no staff account, through any endpoint', async () => {
    const token = await invite('guest');
    const crossed = await come('staff', token);
    expect([crossed.status, crossed.json.error]).toEqual([403, 'invitation/unknown']);
    // Two tokens count as none, and a token in a form has no effect.
    const two = await come('staff', `${token}&invitation=${await invite('staff')}`);
    expect([two.status, two.json.error]).toEqual([403, 'invitation/none']);
    // A run that the invitation admitted is no run of the other flow.
    const at = await come('guest', token);
    const moved = { ...at, json: { ...at.json, flow: { name: 'staff' } } };
    const end = await enrol(moved, 'mallory');
    expect(end.json.done ?? false).toBe(false);
    const page = await new Client().open(`${world.portal}/flow/staff?invitation=${token}`);
    expect(page.body).not.toContain('new-password');
    expect(await named('mallory')).toBeUndefined();
    expect((await enrol(at, 'gus')).json.done).toBe(true);
    expect((await named('gus'))?.groups).toEqual(['guests']);
  });

  it('FLOW-invite-twice: for one user creates one, even with twenty concurrent submissions', async () => {
    const first = await invite('guest');
    const [early, late] = [await come('guest', first), await come('guest', first)];
    expect((await enrol(early, 'one')).json.done).toBe(true);
    const spent = await enrol(late, 'two');
    expect([spent.status, spent.json.error]).toEqual([403, 'invitation/spent']);
    expect((await come('guest', first)).status).toBe(403);

    const second = await invite('guest');
    const twenty = await Promise.all(Array.from({ length: 20 }, () => come('guest', second)));
    const ends = await Promise.all(twenty.map((at, i) => enrol(at, `crowd${i}`)));
    expect(ends.filter(({ json }) => json.done === true)).toHaveLength(1);
    const made = (await people()).filter(({ name }) => /^(?:two|crowd\d+)$/.test(name));
    expect(made).toHaveLength(1);
  });

  it('is not spent on a name that resembles another user’s, or is an address', async () => {
    const token = await invite('guest');
    for (const [username, error] of [
      ['wi1l', 'looks too much like that of another user'],
      ['ｗｉ1ｌ', 'looks too much like that of another user'],
      ['wіll', 'cannot be used'],
      ['me@example.test', 'Use a name without @'],
    ] as const) {
      const asks = await come('guest', token);
      const again = await enrol(asks, username, { email: 'x@example.test' });
      expect(again.status, username).toBe(422);
      expect(JSON.stringify(again.json), username).toContain(error);
    }
    const unverified = 'mine@example.test';
    const end = await enrol(await come('guest', token), unverified, { email: unverified });
    expect([end.status, end.json.error]).toEqual([400, 'user/name']);
    expect((await enrol(await come('guest', token), 'willa')).json.done).toBe(true);
  });

  it('determines the values it was issued with, and a form cannot change them', async () => {
    const token = await invite('guest', '--email', 'mia@example.test', '--group', 'testers');
    for (const more of [
      { groups: ['admins'] },
      { 'attributes.role': 'admin' },
      { disabled: false },
      { invited: { id: 'x', data: { groups: ['admins'] } } },
    ]) {
      const at = await come('guest', token);
      const reply = await world.reply(at, { username: 'mia', password: PASSWORD, ...more });
      expect([reply.status, reply.json.refusal.code]).toEqual([422, 'answer/invalid']);
    }
    expect(await named('mia')).toBeUndefined();
    // The address comes from the invitation: a submitted one is ignored.
    const last = await come('guest', token);
    const sent = { username: 'mia', password: PASSWORD, email: 'thief@example.test' };
    expect((await world.reply(last, sent)).json.done).toBe(true);
    expect(await named('mia')).toMatchObject({
      email: 'mia@example.test',
      groups: ['guests', 'testers'],
    });
  });

  it('is not spent by choosing a name that is taken, and does not take that name', async () => {
    const token = await invite('guest');
    for (const username of ['ann', 'ANN', 'ａｎｎ', 'ann@example.test', 'ANN@EXAMPLE.TEST']) {
      const end = await enrol(await come('guest', token), username, { email: 'x@example.test' });
      expect(end.status, username).toBe(422);
    }
    for (const username of ['../ann', 'a b', 'a\u0000b', 'a\nb', '<b>', '-', '\u202Eann']) {
      const end = await enrol(await come('guest', token), username, { email: 'x@example.test' });
      expect(end.status, JSON.stringify(username)).toBe(422);
    }
    const odd = await enrol(await come('guest', token), '__proto__', { email: 'p@example.test' });
    expect(odd.json.done).toBe(true);
    expect(await named('__proto__')).toMatchObject({ groups: ['guests'] });
    expect((await world.named('ann')).json.done).toBe(true);
    // The address is only a claim: mail sent there would open an account that has a password.
    for (const login of ['__proto__', 'p@example.test', 'ann']) {
      const question = await world.reply(await world.begin('code'), { login });
      expect(question.status).toBe(200);
    }
    await expect.poll(() => world.mail.emails.at(-1)?.to).toEqual(['ann@example.test']);
    expect(world.mail.emails.flatMap(({ to }) => to)).not.toContain('p@example.test');
    const email = world.mail.emails.at(-1)?.raw ?? '';
    expect(codeOf(email.replaceAll('\r', ''))).toMatch(/^\d{6}$/);
  });
});

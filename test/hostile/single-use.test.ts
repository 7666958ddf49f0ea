/**
 * Single-use values work once: fifty concurrent submissions of the same code, and later ones, on
 * one gateway and on two that share their state.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { getCodes, setUpPhone } from './factors.ts';
import { codeOf, type FlowWorld, linkOf, type Reply, startFlowWorld } from './flow-world.ts';

const FIFTY = Array.from({ length: 50 }, (_, index) => index);
const isDone = ({ json }: Reply): boolean => json?.done === true;
const hasTicket = ({ answer }: Reply): boolean =>
  answer.cookies.some((line) => /^doorward=[^;]/.test(line));

/** The tickets that replies set, each once. */
function tickets(replies: readonly Reply[]): number {
  const lines = replies.flatMap(({ answer }) =>
    answer.cookies.filter((line) => line.startsWith('doorward=')),
  );
  return new Set(lines).size;
}

describe.each([
  ['one gateway', 1],
  ['two gateways on one Redis', 2],
] as const)('on %s', (_, replicas) => {
  let world: FlowWorld;
  beforeAll(async () => {
    const people = ['ann', 'ben', 'cem', 'dia', 'eli', 'fay'];
    // So many tries that only marks can distinguish them.
    world = await startFlowWorld(people, { replicas, throttle: '{ free: 1000 }' });
  });
  afterAll(() => world?.close());

  /** Takes fifty runs as far as the second factor. */
  async function atFactor(name: string): Promise<Reply[]> {
    const all: Reply[] = [];
    // A few at a time: only so many may wait for a hash.
    while (all.length < FIFTY.length) {
      const few = Array.from({ length: 10 }, () => world.named(name));
      all.push(...(await Promise.all(few)));
    }
    return all;
  }

  it('MFA-totp-replay: the code of an app works once, in its own step and not in the next', async () => {
    const { phone, setUpCode } = await setUpPhone(world, 'ann');
    // The code that confirmed the app cannot be used again.
    const late = await world.reply(await world.named('ann'), { code: setUpCode });
    expect(isDone(late)).toBe(false);
    const before = await world.sessionsOf('ann');
    const all = await atFactor('ann');
    const code = phone.code();
    const ends = await Promise.all(all.map((reply) => world.reply(reply, { code })));
    expect(ends.filter(isDone)).toHaveLength(1);
    expect(tickets(ends)).toBe(1);
    expect((await world.sessionsOf('ann')) - before).toBe(1);
    const again = await world.reply(await world.named('ann'), { code });
    expect([isDone(again), hasTicket(again)]).toEqual([false, false]);
  });

  it('a recovery code works once', async () => {
    const [code = '', other = ''] = await getCodes(world, 'ben');
    const before = await world.sessionsOf('ben');
    const all = await atFactor('ben');
    const ends = await Promise.all(all.map((reply) => world.reply(reply, { code })));
    expect(ends.filter(isDone)).toHaveLength(1);
    expect((await world.sessionsOf('ben')) - before).toBe(1);
    const spelled = code.toLowerCase().replaceAll('-', ' ');
    for (const typed of [code, spelled]) {
      const again = await world.reply(await world.named('ben'), { code: typed });
      expect(isDone(again)).toBe(false);
    }
    expect(isDone(await world.reply(await world.named('ben'), { code: other }))).toBe(true);
  });

  it('a mailed code works once, only in the run it was sent for', async () => {
    const question = await world.reply(await world.begin('code'), { login: 'cem' });
    const code = codeOf(await world.emailTo('cem'));
    const other = await world.reply(await world.begin('code'), { login: 'cem' });
    expect(isDone(await world.reply(other, { code }))).toBe(false);
    const ends = await Promise.all(FIFTY.map(() => world.reply(question, { code })));
    expect(ends.filter(hasTicket).length).toBeGreaterThan(0);
    expect(tickets(ends)).toBe(1);
    expect(await world.sessionsOf('cem')).toBe(1);
    expect(world.emailsTo('cem')).toBe(2);
  });

  it('a mailed link works once, whether or not the code beside it is used at the same time', async () => {
    const question = await world.reply(await world.begin('link'), { login: 'dia' });
    const email = await world.emailTo('dia');
    const link = new URL(linkOf(email)).searchParams.get('link');
    const ends = await Promise.all(
      FIFTY.map((index) =>
        index % 2 === 0
          ? world.reply(question, {}, { link })
          : world.reply(question, { code: codeOf(email) }),
      ),
    );
    expect(tickets(ends)).toBe(1);
    expect(await world.sessionsOf('dia')).toBe(1);
  });

  it('a link that may be used elsewhere lets in one of fifty machines', async () => {
    await world.reply(await world.begin('shared'), { login: 'eli' });
    const link = linkOf(await world.emailTo('eli'));
    const machines = await Promise.all(
      FIFTY.map(async () => {
        const client = new Client();
        return { client, page: await client.open(link) };
      }),
    );
    const ends = await Promise.all(machines.map(({ client, page }) => client.submit(page, {})));
    const isIn = ends.filter(({ cookies }) => cookies.some((c) => /^doorward=[^;]/.test(c)));
    expect(isIn).toHaveLength(1);
    expect(await world.sessionsOf('eli')).toBe(1);
  });

  it('a double submit gives one session and one email', async () => {
    const first = await world.begin('code');
    const questions = await Promise.all(FIFTY.map(() => world.reply(first, { login: 'fay' })));
    expect(new Set(questions.map(({ json }) => json.plan)).size).toBe(1);
    const code = codeOf(await world.emailTo('fay'));
    const [one] = questions as [Reply];
    await Promise.all(FIFTY.map(() => world.reply(one, { code })));
    expect([await world.sessionsOf('fay'), world.emailsTo('fay')]).toEqual([1, 1]);
  });
});

/**
 * Replies do not reveal which accounts exist: existing and unknown names get the same reply at the
 * same cost.
 */
import { hashSync } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { spawnGateway } from '../support/gateway.ts';
import { metric, startWorld, type World } from './fixture.ts';
import { guess } from './guess.ts';

// Slow enough that a hash shows beside the cost of a request; alike for all users, as if one tool
// had made the hashes.
const hash = hashSync('correct horse battery', { memoryCost: 32_768, timeCost: 2, parallelism: 1 });
const users = `users:
  alice: { displayname: Alice, email: alice@example.test, password: "${hash}" }
  dan: { displayname: Dan, email: dan@example.test, password: "${hash}", disabled: true }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: true,
    users,
    extra: 'throttle: { free: 3, wait: 15m }',
    start: spawnGateway,
  });
});
afterAll(() => world.close());

let address = 0;
/** Each comes from a new address, so that only accounts are counted. */
const elsewhere = (): Record<string, string> => ({
  'x-forwarded-for': `203.0.113.${(address += 1)}`,
});

/** Header fields that differ from moment to moment. */
const NOTHING = {
  'set-cookie': '',
  date: '',
  'x-request-id': '',
  'content-length': '',
  'retry-after': '',
};

/** A reply without the submitted name and without what is random in every reply. */
function shape(answer: Answer, login: string): string {
  const { status, headers, cookies, location, body } = answer;
  const told = { ...headers, ...NOTHING };
  const text = JSON.stringify({ status, told, cookies, location, body });
  return text
    .replaceAll(login, 'NAME')
    .replaceAll(/doorward-browser=[\w-]{22}/g, 'BROWSER')
    .replaceAll(/[A-Za-z0-9_-]{20,}/g, 'RANDOM')
    .replaceAll(/\b\d+ (minutes?|seconds?)\b/g, 'A WHILE')
    .replaceAll(/\b[\w-]{12}-[0-9a-z]+\b/g, 'ID');
}

/** Names of one length: the page shows the name, and nothing else may differ. */
const KNOWN = 'alice';
const UNKNOWN = 'zelda';
const DISABLED = 'dan';

describe('existing and unknown names', () => {
  // Recovery, mailed codes and passkeys: names.test.ts.
  it('ENUM-message: get the same pages, replies, cookies and next step', async () => {
    const seen = new Map<string, string[]>();
    for (const login of [KNOWN, UNKNOWN, DISABLED]) {
      const client = new Client();
      const headers = elsewhere();
      const first = await client.open(`${world.gateway.portal}/flow/login`, headers);
      const told: Answer[] = [await client.submit(first, { login })];
      let page = await client.open(told[0]?.location ?? '', headers);
      told.push(page);
      // Up to the limit and beyond it, so that the delay is compared as well.
      for (let tries = 0; tries < 4; tries += 1) {
        told.push(await client.submit(page, { password: 'not the password' }));
        page = await client.open(told.at(-1)?.location ?? '', headers);
        told.push(page);
      }
      expect(page.status, login).toBe(429);
      seen.set(
        login,
        told.map((answer) => shape(answer, login)),
      );
    }
    expect(seen.get(UNKNOWN)).toEqual(seen.get(KNOWN));
    expect(seen.get(DISABLED)).toEqual(seen.get(KNOWN));
  });

  it('get the same replies from the JSON endpoint', async () => {
    const told: string[] = [];
    for (const login of ['carla', 'alice@example.test', 'dan@example.test']) {
      const headers = elsewhere();
      const answers = [await guess(world.gateway, login, 'nope', { headers })];
      told.push(answers.map(({ answer }) => shape(answer, login)).join('\n'));
    }
    // The names of two of them were just locked. Their addresses must not show it, since that would
    // reveal that name and address belong to one account.
    expect(told[0]).toContain('"status":401');
    expect(told[1]).toBe(told[0]);
    expect(told[2]).toBe(told[0]);
  });

  // Work is compared rather than time, since processor seconds do not depend on other load.
  it('ENUM-timing: cost the same work for a wrong password', async () => {
    const world2 = await startWorld({ trusted: true, users, start: spawnGateway });
    try {
      const work = async (login: string): Promise<number> => {
        const before = await metric(world2.gateway, 'process_cpu_seconds_total');
        for (let tries = 0; tries < 12; tries += 1) {
          const headers = elsewhere();
          const { status } = await guess(world2.gateway, login, `wrong ${tries}`, { headers });
          expect(status, login).toBe(401);
        }
        return (await metric(world2.gateway, 'process_cpu_seconds_total')) - before;
      };
      await work(KNOWN);
      const known = await work(KNOWN);
      for (const login of [UNKNOWN, DISABLED, 'zelda@example.test']) {
        const other = await work(login);
        expect(other / known, login).toBeGreaterThan(0.5);
        expect(other / known, login).toBeLessThan(2);
      }
    } finally {
      await world2.close();
    }
  });
});

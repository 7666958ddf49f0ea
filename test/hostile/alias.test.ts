/**
 * Throttling does not reveal that a username and an email address belong to one account: whole
 * transcripts are compared.
 */
import { hashSync } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testUser } from '../support/fakes.ts';
import { flowBrowser, flowEngine } from '../support/flow-fakes.ts';
import { type Answer, Client } from '../support/client.ts';
import { startWorld, type World } from './fixture.ts';

const hash = hashSync('correct horse battery', { memoryCost: 8192, timeCost: 1, parallelism: 1 });
const users = `users:
  ann: { displayname: Ann, email: ann@corp.test, password: "${hash}" }
`;

let world: World;
beforeAll(async () => {
  world = await startWorld({ trusted: true, users, extra: 'throttle: { free: 5, wait: 15m }' });
});
afterAll(() => world.close());

/** Removes what differs from moment to moment and what was typed; all else is compared. */
function shape(answer: Answer, name: string): string {
  const { status, headers, cookies, location, body } = answer;
  const { date: _date, 'x-request-id': _id, ...told } = headers;
  return JSON.stringify({ status, told, cookies, location, body })
    .replaceAll(name, 'NAME')
    .replaceAll(/doorward-browser=[\w-]{22}/g, 'BROWSER')
    .replaceAll(/[A-Za-z0-9_-]{20,}/g, 'RANDOM')
    .replaceAll(/\b[\w-]{12}-[0-9a-z]+\b/g, 'ID')
    .replaceAll(/"retry-after":"\d+"/g, 'AFTER');
}

/** Each guess comes from a new address and browser. */
async function transcript(name: string, block: string, last: string): Promise<string[]> {
  const told: string[] = [];
  const logins = [
    ...Array.from({ length: 5 }, () => name),
    `${name}@corp.test`,
    `${name}@corp.test`,
    name,
  ];
  for (const [i, login] of logins.entries()) {
    const client = new Client();
    const headers = { 'x-forwarded-for': `${block}.${i + 1}` };
    const first = await client.open(`${world.gateway.portal}/flow/login`, headers);
    const named = await client.submit(first, { login });
    const question = await client.open(named.location ?? '', headers);
    const password = i === 6 ? last : 'not the password';
    const answered = await client.submit(question, { password });
    const shown = await client.open(answered.location ?? '', headers);
    told.push(...[first, named, question, answered, shown].map((answer) => shape(answer, name)));
    if (i === 5) told.push(`status ${shown.status}`);
  }
  return told;
}

describe('ENUM-throttle: after five wrong passwords for a name', () => {
  it('replies to an address are the same whether or not it belongs to the account', async () => {
    // The seventh try has the right password of the known account and is still reported as wrong.
    const known = await transcript('ann', '203.0.113', 'correct horse battery');
    const unknown = await transcript('nix', '198.51.100', 'correct horse battery');
    expect(known).toEqual(unknown);
    expect(known).toContain('status 200');
    expect(known.at(-1)).toContain('"status":429');
  });

  it('the cost is the same: the same counters, lookups and hashes in the same order', async () => {
    const costOf = async (login: string, other: string): Promise<string[]> => {
      const engine = flowEngine({ users: [testUser({ email: 'ann@corp.test' })] });
      const cost: string[] = [];
      const { throttle, scores, directory, accounts } = engine;
      const watched = (what: string, target: object, method: string) => {
        const record = target as Record<string, (...args: unknown[]) => unknown>;
        const inner = record[method] as (...args: unknown[]) => unknown;
        record[method] = (...args) => {
          cost.push(what);
          return inner.apply(target, args);
        };
      };
      watched('take', throttle, 'take');
      watched('release', throttle, 'release');
      watched('score', scores, 'add');
      watched('verify', directory, 'verifyPassword');
      watched('read', directory, 'read');
      watched('find', directory, 'find');
      watched('device', accounts, 'isKnownDevice');
      for (const typed of [login, login, login, login, login, other, other, login]) {
        const browser = flowBrowser(engine, '198.51.100.1');
        const page = await browser.submit(await browser.open('/flow/login'), { login: typed });
        const seen = await browser.submit(page, { password: 'wrong' });
        cost.push(`${seen.status}`);
      }
      return cost;
    };
    const known = await costOf('ann', 'ann@corp.test');
    expect(known.filter((one) => one === 'verify')).toHaveLength(7);
    expect(known).toEqual(await costOf('nix', 'nix@corp.test'));
  });
});

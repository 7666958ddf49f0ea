/**
 * How soon what is taken away at one gateway is refused by the other, over many tries, behind nginx. Prints
 * figures; fails if one try takes longer than the documented bound.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createToken } from '../../src/core/administration/token.ts';
import { createPasswords } from '../../src/passwords/passwords.ts';
import { composeBacking, systemClock, systemRandom } from '../../src/run/backing/adapters.ts';
import { load } from '../../src/run/backing/load.ts';
import { isWritable } from '../../src/run/backing/writable.ts';
import { type Gateway, HASH, spawnGateway } from '../support/gateway.ts';
import { startTwoGateways, type TwoGateways } from '../support/two-gateways.ts';

const TRIES = 200;
/** docs/database.md: in milliseconds, should every announcement be lost. */
const BOUND = 2_000;

let two: TwoGateways;
let operator: Awaited<ReturnType<typeof openOperator>>;

/** What commands open, kept open: so the time does not contain how long a command takes to end. */
async function openOperator(file: string) {
  const loaded = await load({ file, flags: {} });
  if (!loaded.ok) throw new Error('the configuration does not load');
  const { settings, snapshot } = loaded;
  const backing = composeBacking({
    settings,
    secrets: settings.secrets,
    events: { emit: () => undefined },
    passwords: createPasswords(),
    issuer: () => '',
  });
  const accounts = await backing.openAccounts();
  const stores = backing.lasting(await backing.openStores(), accounts, () => undefined);
  const directories = await backing.openDirectories();
  const users = directories.find(isWritable);
  if (users === undefined) throw new Error('no directory can be written');
  const routes = new Set(snapshot.table.routes.map(({ id }) => id));
  const making = {
    accounts,
    vault: backing.vault,
    random: systemRandom,
    clock: systemClock,
    routes,
  };
  return {
    users,
    accounts,
    sessions: stores.sessions,
    makeToken: async (userId: string) =>
      createToken(making, {
        userId,
        name: 'x',
        routes: [],
        methods: [],
        networks: [],
        lasts: null,
      }),
    async close() {
      await Promise.all([users.close(), accounts.close(), stores.close()]);
    },
  };
}

beforeAll(async () => {
  two = await startTwoGateways(spawnGateway);
  operator = await openOperator(two.a.configFile);
});
afterAll(async () => {
  await operator?.close();
  await two?.stop();
});

/** Seen by the app, in a user's browser or in a program. */
type Shown = Readonly<Record<string, string>>;

const cookiesOf = async (name: string): Promise<Shown> => {
  const client = await two.signIn(name);
  return { cookie: client.cookieHeader('board.gw.test') };
};
/** Texts and ids of tokens, by user. */
const tokens = new Map<string, string>();
const tokenOf = async (_: string, id: string): Promise<Shown> => {
  const { token, text } = await operator.makeToken(id);
  tokens.set(id, token.id);
  return { authorization: `Bearer ${text}` };
};

it.each([
  ['a user disabled', 0, cookiesOf, (id: string) => operator.users.update(id, { disabled: true })],
  [
    'a group changed',
    0,
    cookiesOf,
    (id: string) => operator.users.update(id, { groups: ['guests'] }),
  ],
  [
    'a factor removed',
    // Sessions end in Redis, which reports that to the others without being waited for.
    Number.POSITIVE_INFINITY,
    cookiesOf,
    async (id: string) => {
      await operator.accounts.replaceAuthenticators(id, 'totp', []);
      await operator.sessions.endAll(id);
    },
  ],
  [
    'a token revoked',
    0,
    tokenOf,
    (id: string) => operator.accounts.revokeToken(tokens.get(id) ?? ''),
  ],
])('%s is refused at the other one', async (what, mayPass, show, takeAway) => {
  const times: number[] = [];
  const passed: number[] = [];
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { id, name } = await operator.users.create(
      { name: `u-${randomUUID()}`, groups: ['staff'] },
      HASH,
    );
    const shown = await show(name, id);
    // Many dead tokens from one address would be throttled.
    const ask = (gateway: Gateway) => two.ask(shown, gateway, `127.0.1.${tries}`);
    for (const gateway of [two.a, two.b, two.b, two.b]) expect(await ask(gateway)).toBe(200);
    await takeAway(id);
    const answered = performance.now();
    let through = 0;
    while ((await ask(two.b)) === 200) through += 1;
    times.push(performance.now() - answered);
    passed.push(through);
  }
  const at = (part: number): string =>
    (times.toSorted((x, y) => x - y)[Math.ceil(times.length * part) - 1] ?? Number.NaN).toFixed(1);
  const late = passed.filter((count) => count > 0).length;
  const most = Math.max(...passed);
  process.stdout.write(
    `${what}: refused after ${at(0.5)} ms (median), ${at(0.95)} (p95), ${at(1)} (longest) of ${TRIES} tries; ` +
      `something passed in ${late} of them, at most ${most} requests\n`,
  );
  expect(Math.max(...times)).toBeLessThan(BOUND);
  expect(most).toBeLessThanOrEqual(mayPass);
});

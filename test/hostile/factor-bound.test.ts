/** After a hundred wrong second factors in a row, a gateway accepts none, and says who can help. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccounts } from '../../src/accounts/accounts.ts';
import { MOST_FACTOR_FAILURES } from '../../src/core/people/account.ts';
import { testVault } from '../support/state.ts';
import { fieldOf, setUpPhone } from './factors.ts';
import { type FlowWorld, startFlowWorld } from './flow-world.ts';

let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(['fay', 'gus', 'hal']);
});
afterAll(() => world.close());

/** Counts this many wrong tries, as so many requests would. */
async function count(name: string, times: number): Promise<void> {
  const { id } = JSON.parse(await world.run('user', 'show', name, '--json')) as { id: string };
  const dataDir = join(world.gateway.dir, 'data');
  const accounts = openAccounts({ clock: { now: Date.now }, vault: testVault(), dataDir });
  for (let i = 0; i < times; i += 1) await accounts.takeFactorTry(id, Date.now());
  await accounts.close();
}

/** The reply to a code after the right password. */
async function tryCode(name: string, code: string): Promise<string> {
  const { json } = await world.reply(await world.named(name), { code });
  return json.done === true ? 'done' : json.refusal.code;
}

/** A code that no authenticator app shows. */
const WRONG = 'abcdef';

describe('the bound on wrong second factors', () => {
  it('lets one of fifty through if one is left, sends one email, and persists over a restart', async () => {
    const { phone } = await setUpPhone(world, 'fay');
    await count('fay', MOST_FACTOR_FAILURES - 1);
    const questions = [];
    for (let i = 0; i < 4; i += 1) questions.push(await world.named('fay'));
    const replies = await Promise.all(questions.map((one) => world.reply(one, { code: WRONG })));
    const codes = replies.map(({ json }) => json.refusal.code as string);
    expect(codes.sort()).toEqual([...Array(3).fill('factor/locked'), 'totp/wrong']);
    expect(await world.emailTo('fay')).toContain('switched off for this account since');
    const code = await phone.next();
    expect(await tryCode('fay', code)).toBe('factor/locked');
    await world.gateway.stop();
    await world.gateway.start();
    expect(await world.run('user', 'show', 'fay')).toContain('locked since');
    expect(await world.run('user', 'unlock', 'fay')).toContain('are unlocked');
    expect(await world.run('user', 'show', 'fay')).not.toContain('locked since');
    // The code was not checked, so it is still valid.
    expect(await tryCode('fay', code)).toBe('done');
    expect(world.emailsTo('fay')).toBe(1);
  });

  it('is lifted by a recovery code', async () => {
    const { client, phone } = await setUpPhone(world, 'gus');
    const confirmed = await world.begin('setup-codes', client);
    const shown = await world.reply(confirmed, { code: phone.code() });
    const [recovery = ''] = fieldOf(shown, 'codes').codes as string[];
    await world.reply(shown, { kept: true });
    await count('gus', MOST_FACTOR_FAILURES);
    const code = await phone.next();
    expect(await tryCode('gus', code)).toBe('factor/locked');
    const other = await world.reply(await world.named('gus'), { way: 'recovery_code' });
    expect((await world.reply(other, { code: recovery })).json.done).toBe(true);
    expect(await tryCode('gus', code)).toBe('done');
  });

  it('does not apply to a visitor who has proved nothing', async () => {
    await setUpPhone(world, 'hal');
    await count('hal', MOST_FACTOR_FAILURES);
    const seen = async (name: string) => {
      const answered = await world.named(name, 'not the password');
      return [answered.status, answered.json.refusal, answered.json.challenge];
    };
    const unknown = JSON.stringify(await seen('nix')).replaceAll('nix', 'NAME');
    expect(JSON.stringify(await seen('hal')).replaceAll('hal', 'NAME')).toBe(unknown);
  });
});

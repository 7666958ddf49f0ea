/** A run that was begun and held back does not outlive the event that ended its user's sessions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/gateway.ts';
import { codeOf, type FlowWorld, startFlowWorld } from './flow-world.ts';

const NEW_PASSWORD = 'walnut harbor sketch violin 4';
let world: FlowWorld;
beforeAll(async () => {
  world = await startFlowWorld(['ann', 'bob', 'cat', 'dan']);
});
afterAll(() => world?.close());

type End = (name: string) => Promise<unknown>;
const ENDS: readonly (readonly [string, string, End])[] = [
  [
    'ann',
    'a new password',
    (name) => world.gateway.run(['user', 'passwd', name], `${NEW_PASSWORD}\n`),
  ],
  ['bob', 'session revoke --user', (name) => world.run('session', 'revoke', '--user', name)],
  ['cat', 'session revoke --all', () => world.run('session', 'revoke', '--all')],
  [
    'dan',
    'its user was disabled and enabled again',
    async (name) => {
      await world.run('user', 'disable', name);
      await world.run('user', 'enable', name);
    },
  ],
];

describe('a recovery that is held back after its code was proved', () => {
  it.each(ENDS)('of %s sets no password after %s', async (name, _, end) => {
    const question = await world.reply(await world.begin('recovery'), { login: name });
    const held = await world.reply(question, { code: codeOf(await world.emailTo(name)) });
    expect(held.json.stage.type).toBe('prompt');
    await end(name);
    const reply = await world.reply(held, { password: 'stolen canyon meadow 77' });
    expect([reply.status, reply.json.error]).toEqual([403, 'session/outdated']);
    expect(await world.sessionsOf(name)).toBe(0);
    // The user's own sign-in that starts now is not affected.
    const password = name === 'ann' ? NEW_PASSWORD : PASSWORD;
    expect((await world.named(name, password)).json.done).toBe(true);
  });
});

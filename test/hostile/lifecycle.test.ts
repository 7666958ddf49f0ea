/** How long a session lives by the clock: its cookie outlives it and is then worthless. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { PASSWORD } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { valuesOf } from './probes.ts';
import { startWorld, ticketOf, type World } from './fixture.ts';

/** Seconds. */
const IDLE = 3;
const LIFETIME = 6;

const signIn = (how: string): string =>
  `title: Sign in\ndesignation: authentication\nstages:\n  - { type: identification }\n  - { type: password }\n  - { type: user_login${how} }\n`;
const FLOWS = {
  login: signIn(''),
  remembering: signIn(', remember_me: 30d'),
  logout: 'title: Sign out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n',
};

let world: World;
beforeAll(async () => {
  world = await startWorld({
    trusted: false,
    flows: FLOWS,
    env: { DOORWARD_SESSION__IDLE: `${IDLE}s`, DOORWARD_SESSION__LIFETIME: `${LIFETIME}s` },
  });
});
afterAll(() => world.close());

async function ask(path: string, cookie: string): Promise<number> {
  const url = world.gateway.app('app') + path;
  return (await new Client().send(url, { headers: { ...FETCH, cookie } })).status;
}

/** Requests a path until this many seconds have passed; returns every reply. */
async function askFor(seconds: number, path: string, cookie: string): Promise<Set<number>> {
  const codes = new Set<number>();
  const end = performance.now() + seconds * 1000;
  await until('the time has passed', async () => {
    codes.add(await ask(path, cookie));
    return performance.now() > end;
  });
  return codes;
}

describe.concurrent('a session', () => {
  it('idle too long: ends, and the visitor is anonymous on a public path', async () => {
    const { pair } = await world.signIn('alice');
    expect(await ask('/x', pair)).toBe(200);
    // No request in between, since every request counts as use.
    const passed = performance.now() + (IDLE + 0.5) * 1000;
    await until('the time has passed', () => performance.now() > passed);
    expect(await ask('/public/idle', pair)).toBe(200);
    const seen = world.app.seen.find(({ target }) => target === '/public/idle');
    expect(valuesOf(seen?.rawHeaders ?? [], 'Remote-User')).toEqual(['']);
    expect(await ask('/x', pair)).toBe(401);
    expect(await ask('/x', pair), 'asking does not bring it back').toBe(401);
  });

  it('in use: continues, and a forbidden request counts as use', async () => {
    const { pair } = await world.signIn('alice');
    expect(await askFor(IDLE + 1, '/admin/secret', pair)).toEqual(new Set([403]));
    expect(await ask('/x', pair)).toBe(200);
  });

  it('at its absolute limit: ends however much it is used', async () => {
    const { pair } = await world.signIn('carol');
    expect(await ask('/x', pair)).toBe(200);
    await until('the end', async () => (await ask('/x', pair)) === 401);
    expect(await askFor(1, '/x', pair)).toEqual(new Set([401]));
  });

  it('idle but remembered: outlives both limits, and ends at once when it is revoked', async () => {
    const client = new Client();
    const first = await client.open(`${world.gateway.portal}/flow/remembering`);
    const second = await client.submitAndFollow(first, { login: 'bob' });
    const question = await client.submitAndFollow(second, { password: PASSWORD });
    expect(ticketOf(client), 'no session before the reply').toBeNull();
    await client.submit(question, { remember: 'yes' });
    const pair = ticketOf(client) ?? '';
    const passed = performance.now() + (LIFETIME + 1) * 1000;
    await until('the time has passed', () => performance.now() > passed);
    expect(await ask('/x', pair)).toBe(200);
    await world.gateway.run(['session', 'revoke', '--user', 'bob']);
    await until('it has ended', async () => (await ask('/x', pair)) === 401);
  });
});

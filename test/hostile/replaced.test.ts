/**
 * Files that are replaced under a running gateway, as by restoring a backup too early, give no
 * access.
 */
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { HASH, PASSWORD } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { signedIn, startWorld, type World } from './fixture.ts';
import { guess } from './guess.ts';

let world: World;
afterEach(() => world.close());

/** Puts a copy of a database in its place. */
function replace(name: string): void {
  const path = join(world.gateway.dir, 'data', name);
  const parts = ['', '-wal', '-shm'].filter((part) => existsSync(path + part));
  for (const part of parts) copyFileSync(path + part, `${path}.copy${part}`);
  for (const part of parts) rmSync(path + part);
  for (const part of parts) renameSync(`${path}.copy${part}`, path + part);
}

async function inside(pair: string): Promise<number> {
  const url = `${world.gateway.app('app')}/inside`;
  return (await new Client().send(url, { headers: { ...FETCH, cookie: pair } })).status;
}

async function readiness(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${world.gateway.adminPort}/readyz`)).text();
}

describe('a file that is replaced under a running gateway', () => {
  it.each([
    ['directory.db', 'directory/unavailable'],
    ['state.db', 'store/unavailable'],
  ])('%s: gives no access to a user who is then disabled and signed out', async (name, code) => {
    world = await startWorld({ trusted: false, directories: '[{ type: embedded }]' });
    const people = join(world.gateway.dir, 'people.yaml');
    writeFileSync(people, `users:\n  alice: { displayname: Alice, password: "${HASH}" }\n`);
    await world.gateway.run(['user', 'import', people]);
    const { pair } = await signedIn(world.gateway, 'alice');
    expect(await inside(pair)).toBe(200);
    replace(name);
    await until('it is reported', async () => (await readiness()).includes(code));
    expect((await world.gateway.run(['user', 'disable', 'alice'])).code).toBe(0);
    expect(await inside(pair)).not.toBe(200);
    expect((await guess(world.gateway, 'alice', PASSWORD)).status).not.toBe(200);
    await world.gateway.stop();
    await world.gateway.start();
    expect(await inside(pair)).toBe(401);
    expect((await guess(world.gateway, 'alice', PASSWORD)).status).toBe(401);
  });
});

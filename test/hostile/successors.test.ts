/** A user who gets the name of a former one in a users file gets nothing else of that user. */
import { hashSync } from '@node-rs/argon2';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, FETCH } from '../support/client.ts';
import { HASH, PASSWORD } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { signedIn, startWorld, type World } from './fixture.ts';

const OTHER = 'walnut harbor sketch violin 4';
const hashes = {
  old: HASH,
  new: hashSync(OTHER, { memoryCost: 8192, timeCost: 1, parallelism: 1 }),
};

let world: World;
/** What alice has before: a session, and a token. */
let had: { readonly pair: string; readonly token: string };

/** Writes alice, if she is there, beside bob. */
function write(alice: keyof typeof hashes | null, more = ''): void {
  const path = join(world.gateway.dir, 'users.yaml');
  const line = alice === null ? '' : `  alice: { password: "${hashes[alice]}"${more} }\n`;
  writeFileSync(`${path}.new`, `users:\n  bob: { password: "${HASH}" }\n${line}`);
  renameSync(`${path}.new`, path);
}

const api = async (headers: Readonly<Record<string, string>>): Promise<number> =>
  (await new Client().send(`${world.gateway.app('api')}/x`, { headers })).status;
const withToken = () => api({ authorization: `Bearer ${had.token}` });
const withSession = () => api({ ...FETCH, cookie: had.pair });
/** Waits until the gateway has read the file. */
const untilRead = async (password: string): Promise<void> =>
  until('alice signs in', async () => {
    const client = new Client();
    const page = await client.signIn(world.gateway.app('app'), 'alice', password);
    return page.status === 200 && page.url.startsWith(world.gateway.app('app'));
  });
const untilRemoved = (): Promise<void> =>
  until('alice is gone', async () => (await withToken()) === 401);

beforeEach(async () => {
  world = await startWorld({
    trusted: false,
    routes: ({ origin }) => [
      `{ id: api, host: api.gw.test, upstream: "${origin}", accepts: [session, bearer] }`,
    ],
  });
  write('old');
  const { pair } = await signedIn(world.gateway, 'alice');
  const made = await world.gateway.run(['token', 'create', 'alice', '--name', 'backup']);
  had = { pair, token: made.out.trim() };
});
afterEach(() => world.close());

describe('FILE-successor: a user of a users file', () => {
  it('who was removed leaves neither token nor session to a later user of that name', async () => {
    expect([await withToken(), await withSession()]).toEqual([200, 200]);
    write(null);
    await untilRemoved();
    write('new');
    await untilRead(OTHER);
    expect([await withToken(), await withSession()]).toEqual([401, 401]);
    expect(world.gateway.output()).toContain('directory/replaced');
  });

  it('who was removed while no gateway ran, neither', async () => {
    await world.gateway.stop();
    write(null);
    await world.gateway.start();
    await world.gateway.stop();
    write('new');
    await world.gateway.start();
    await untilRead(OTHER);
    expect([await withToken(), await withSession()]).toEqual([401, 401]);
  });

  it('who was missing for a while keeps the token', async () => {
    write(null);
    await untilRemoved();
    write('old');
    await untilRead(PASSWORD);
    expect(await withToken()).toBe(200);
    // Removed users are signed out.
    expect(await withSession()).toBe(401);
  });

  it('with a new password keeps the token, and is signed out', async () => {
    write('new');
    await untilRead(OTHER);
    expect([await withToken(), await withSession()]).toEqual([200, 401]);
  });

  it('with an id of a different user gets nothing of the former one', async () => {
    write('old', ', id: alice-2');
    await until('alice has the other id', async () => (await withToken()) === 401);
    await untilRead(PASSWORD);
    expect([await withToken(), await withSession()]).toEqual([401, 401]);
  });
});

/**
 * A gateway without other servers: state in a file, users added by command, both changed while it
 * runs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hashSync } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { PASSWORD, type SpawnedGateway } from '../support/gateway.ts';
import { askAsNginx, dialSocket, signInAt, spawnBefore } from '../support/operations.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const PEOPLE = ['ann', 'ben', 'cleo', 'dora'];
/** Cheap on purpose: these tests do not concern the hash. */
const HASH = hashSync(PASSWORD, { memoryCost: 1024, timeCost: 1, parallelism: 1 });

let app: WebApp;
let gateway: SpawnedGateway;

beforeAll(async () => {
  app = await startWebApp('app');
  gateway = await spawnBefore(app.port, { directories: '[{ type: embedded }]' });
  await importPeople(PEOPLE.map((name) => ({ name, groups: ['staff'] })));
});
afterAll(async () => {
  await gateway?.remove();
  await app?.close();
});

/** Adds users to the directory, or changes existing ones. */
async function importPeople(people: readonly { name: string; groups: readonly string[] }[]) {
  const entries = people.map(
    ({ name, groups }) =>
      `  ${name}: { displayname: ${name}, email: ${name}@example.test, password: "${HASH}", groups: [${groups.join()}] }\n`,
  );
  const path = join(gateway.dir, 'people.yaml');
  writeFileSync(path, `users:\n${entries.join('')}`);
  const ran = await gateway.run(['user', 'import', path, '--update']);
  if (ran.code !== 0) throw new Error(ran.err);
}

async function signedIn(name: string): Promise<Client> {
  const client = new Client();
  await signInAt(gateway, client, name);
  return client;
}

const statusFor = async (client: Client, name = 'wiki'): Promise<number> =>
  (await client.open(`${gateway.app(name)}/`)).status;

/** What SQLite reports about a file. */
function integrityOf(file: string): unknown {
  const db = new DatabaseSync(join(gateway.dir, 'data', file), { readOnly: true });
  try {
    return db.prepare('PRAGMA integrity_check').all();
  } finally {
    db.close();
  }
}

describe('sessions in a file', () => {
  it('survive a restart of the gateway', async () => {
    const ann = await signedIn('ann');
    await gateway.stop();
    await gateway.start();
    expect(await statusFor(ann)).toBe(200);
  });

  it('survive a kill of the gateway during sign-ins, and the file is intact', async () => {
    const before = await signedIn('ann');
    const done: Client[] = [];
    let isKilled = false;
    /** Signs in repeatedly until the gateway is gone. */
    const lane = async (name: string): Promise<void> => {
      while (!isKilled) {
        const client = new Client();
        // The test is about requests that the kill cuts off.
        const answer = await client
          .signIn(`${gateway.app('wiki')}/`, name, PASSWORD)
          .catch(() => null);
        if (answer?.status === 200) done.push(client);
        if (done.length >= 8 && !isKilled) {
          isKilled = true;
          await gateway.stop('SIGKILL');
        }
      }
    };
    await Promise.all(PEOPLE.map(lane));
    const sound = [{ integrity_check: 'ok' }];
    expect([integrityOf('state.db'), integrityOf('directory.db')]).toEqual([sound, sound]);
    await gateway.start();
    for (const client of [before, ...done]) expect(await statusFor(client)).toBe(200);
    expect([integrityOf('state.db'), integrityOf('directory.db')]).toEqual([sound, sound]);
  });
});

describe('the next request after a command', () => {
  it('session revoke is refused, and a websocket is closed', async () => {
    const [ann, ben] = [await signedIn('ann'), await signedIn('ben')];
    const { closed } = await dialSocket(gateway, ann);
    expect((await gateway.run(['session', 'revoke', '--user', 'ann'])).code).toBe(0);
    expect(await statusFor(ann)).toBe(302);
    expect(await closed).toBe(1008);
    expect(await statusFor(ben)).toBe(200);
    expect((await gateway.run(['session', 'revoke', '--all'])).code).toBe(0);
    expect((await askAsNginx(gateway, ben)).status).toBe(401);
  });

  it('session revoke --id is refused for that session alone', async () => {
    const [one, two] = [await signedIn('ben'), await signedIn('ben')];
    const listed = await gateway.run(['session', 'list', '--user', 'ben', '--json']);
    const sessions = JSON.parse(listed.out) as { id: string }[];
    expect(sessions).toHaveLength(2);
    // Newest first.
    await gateway.run(['session', 'revoke', '--id', sessions[0]?.id ?? '']);
    expect([await statusFor(one), await statusFor(two)]).toEqual([200, 302]);
  });

  it('user disable is refused, and user enable does not restore the session', async () => {
    const cleo = await signedIn('cleo');
    expect((await gateway.run(['user', 'disable', 'cleo'])).code).toBe(0);
    expect(await statusFor(cleo)).toBe(302);
    const refused = await new Client().signIn(`${gateway.app('wiki')}/`, 'cleo', PASSWORD);
    expect(refused.url).toContain('/flow/login');
    expect((await gateway.run(['user', 'enable', 'cleo'])).code).toBe(0);
    expect(await statusFor(cleo)).toBe(302);
    await signedIn('cleo');
  });

  it('user passwd is refused, and only the new password works', async () => {
    const dora = await signedIn('dora');
    expect((await gateway.run(['user', 'passwd', 'dora'], 'a new one, and longer\n')).code).toBe(0);
    expect(await statusFor(dora)).toBe(302);
    const old = await new Client().signIn(`${gateway.app('wiki')}/`, 'dora', PASSWORD);
    expect(old.url).toContain('/flow/login');
    const client = new Client();
    const answer = await client.signIn(`${gateway.app('wiki')}/`, 'dora', 'a new one, and longer');
    expect(answer.status).toBe(200);
  });

  it('user set shows the new name, groups and address in the same session', async () => {
    const ben = await signedIn('ben');
    expect(await statusFor(ben, 'board')).toBe(403);
    const change = ['user', 'set', 'ben', '--name', 'benno', '--add-group', 'admins'];
    expect((await gateway.run(change)).code).toBe(0);
    expect(await statusFor(ben, 'board')).toBe(200);
    const { headers } = await askAsNginx(gateway, ben, 'board');
    expect([headers['remote-user'], headers['remote-groups']]).toEqual(['benno', 'staff,admins']);
    const back = ['user', 'set', 'benno', '--name', 'ben', '--remove-group', 'admins'];
    expect((await gateway.run(back)).code).toBe(0);
    expect(await statusFor(ben, 'board')).toBe(403);
  });

  it('a change of groups follows the new groups, both ways', async () => {
    const ann = await signedIn('ann');
    expect(await statusFor(ann, 'board')).toBe(403);
    await importPeople([{ name: 'ann', groups: ['admins'] }]);
    const anew = await signedIn('ann');
    expect(await statusFor(anew, 'board')).toBe(200);
    expect((await askAsNginx(gateway, anew, 'board')).headers['remote-groups']).toBe('admins');
    await importPeople([{ name: 'ann', groups: [] }]);
    expect(await statusFor(anew, 'board')).not.toBe(200);
    expect(await statusFor(await signedIn('ann'), 'board')).toBe(403);
  });

  it('user delete is refused, and a new user of that name is another user', async () => {
    const ben = await signedIn('ben');
    expect((await gateway.run(['user', 'delete', 'ben'])).code).toBe(0);
    expect(await statusFor(ben)).toBe(302);
    await importPeople([{ name: 'ben', groups: ['admins'] }]);
    expect(await statusFor(ben)).toBe(302);
    expect(await statusFor(ben, 'board')).toBe(302);
  });
});

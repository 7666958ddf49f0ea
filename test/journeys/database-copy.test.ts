/** A gateway moves from files to Postgres and back, by `doorward database`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client as PostgresClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { type Gateway, PASSWORD } from '../support/gateway.ts';
import { signInAt, startBefore } from '../support/operations.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

describe.skipIf(isLeftOut('postgres'))(
  'moving the database (unless Postgres is left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let app: WebApp;
    let postgres: Postgres;
    let gateway: Gateway;
    let url: string;
    const clients = { alice: new Client(), bob: new Client(), carol: new Client() };

    beforeAll(async () => {
      [app, postgres] = await Promise.all([startWebApp('app'), startPostgres()]);
      url = postgres.create();
      gateway = await startBefore(app.port, { directories: '[{ type: embedded }]' });
      for (const [name, client] of Object.entries(clients)) {
        const added = await gateway.run(['user', 'add', name], `${PASSWORD}\n`);
        if (added.code !== 0) throw new Error(added.err);
        await signInAt(gateway, client, name);
      }
    });
    afterAll(async () => {
      await gateway?.remove();
      await Promise.all([postgres?.stop(), app?.close()]);
    });

    const database = (...args: string[]) => gateway.run(['database', ...args]);
    const data = (name = '') => join(gateway.dir, 'data', name);
    const files = () =>
      readdirSync(data()).filter((name) => /^(?:accounts|directory)\.db/.test(name));
    const statusOf = async (name: keyof typeof clients): Promise<number> =>
      (await clients[name].open(`${gateway.app('wiki')}/`)).status;

    it('distinguishes wrong usage from a refusal', async () => {
      const secret = url.replace('doorward@', 'doorward:hunter2@');
      for (const [args, words] of [
        [[], 'expected --from or --to'],
        [['--to', secret], 'the URL of --to must not contain a password'],
        [
          ['--to', `postgres://doorward:hunter2@\${env:HOST}/db`],
          'the URL of --to must not contain a password',
        ],
        [['--to', url, '--to-password', 'hunter2'], '--to-password must not contain the password'],
        [['--from-password', `\${env:DB}`], '--from-password needs --from'],
        [['--to', url, '--to-password', `\${env:DB_MISSING}`], 'DB_MISSING is not set'],
        [['--to', url, '--to-password', `\${file:missing}`], 'cannot read missing'],
        [['--to', 'mysql://x@y/z'], '--to: expected embedded or postgres://'],
        [['--to', 'embedded', '--to-password', `\${env:PATH}`], '--to: expected'],
        [['--to', `${url}?sslmode=require`], '--to: sslmode: expected'],
      ] as const) {
        const ran = await database('copy', ...args);
        expect(ran.code, ran.err).toBe(2);
        expect(ran.err).toContain(words);
        expect(ran.err).not.toContain('hunter2');
      }
      const busy = await database('copy', '--to', url);
      expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('(database/in-use)') });
    });

    it('shows the version of the tables, also while a gateway runs', async () => {
      const shown = await database('version');
      expect(shown.code, shown.err).toBe(0);
      expect(shown.out).toMatch(/^accounts +\d+ +\d+ +0\.1\.0 +changes nothing$/m);
      const other = await runCommand(['database', 'version', '--json', '-c', gateway.configFile], {
        env: { DOORWARD_DATABASE: url },
      });
      expect(other.code, other.err).toBe(0);
      expect(JSON.parse(other.out)).toMatchObject({
        database: expect.stringContaining('Postgres database'),
        parts: [
          { part: 'accounts', state: 'none', holds: 0, written_by: null, copy: null },
          { part: 'directory', state: 'none' },
        ],
      });
    });

    it('keeps all users, and what took their access away', async () => {
      using state = new DatabaseSync(data('state.db'), { readOnly: true });
      state.prepare('VACUUM INTO ?').run(data('state.copy'));
      state.close();
      expect(await gateway.run(['session', 'revoke', '--user', 'bob'])).toMatchObject({ code: 0 });
      expect(await gateway.run(['user', 'disable', 'carol'])).toMatchObject({ code: 0 });
      await gateway.stop();
      const copied = await runCommand(
        ['database', 'copy', '--to', `\${env:TARGET}`, '--json', '-c', gateway.configFile],
        { env: { TARGET: url.replace('doorward@', 'doorward:hunter2@') } },
      );
      expect(copied.code, copied.err).toBe(0);
      expect(copied.out).not.toContain('hunter2');
      const { tables } = JSON.parse(copied.out);
      expect(tables).toContainEqual({
        part: 'directory',
        table: 'users',
        rows: 3,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      // Sessions that were put back, as by a restored backup of the state.
      rmSync(data('state.db-wal'), { force: true });
      rmSync(data('state.db-shm'), { force: true });
      copyFileSync(data('state.copy'), data('state.db'));
      for (const name of files()) rmSync(data(name));
      appendFileSync(gateway.configFile, `database: ${url}\n`);
      await gateway.start();
      expect(await statusOf('alice')).toBe(200);
      expect(await statusOf('bob')).not.toBe(200);
      expect(await statusOf('carol')).not.toBe(200);
      await signInAt(gateway, clients.bob, 'bob');
      await clients.carol.signIn(`${gateway.app('wiki')}/`, 'carol', PASSWORD);
      expect(await statusOf('carol')).not.toBe(200);
      expect(files()).toEqual([]);
    });

    it('is refused while a gateway is connected, and to a place that is not empty', async () => {
      const busy = await database('copy', '--to', 'embedded');
      expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('(database/in-use)') });
      expect(files()).toEqual([]);
      await gateway.stop();
      writeFileSync(data('accounts.db'), '');
      const taken = await database('copy', '--to', 'embedded');
      expect(taken).toMatchObject({
        code: 1,
        err: expect.stringContaining('(database/not-empty)'),
      });
      rmSync(data('accounts.db'));
    });

    it('leaves no file that a gateway would open if it is killed', async () => {
      const locker = new PostgresClient(url);
      await locker.connect();
      await locker.query('BEGIN; LOCK TABLE doorward_directory.users IN ACCESS EXCLUSIVE MODE');
      const args = ['database', 'copy', '--to', 'embedded', '-c', gateway.configFile];
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
      await until('the accounts are written', () =>
        files().some((name) => name.startsWith('directory.db.copy-')),
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(files()).not.toContain('accounts.db');
      expect(files()).not.toContain('directory.db');
      await locker.end();
    });

    it('goes back to files, exactly', async () => {
      await until('the killed copy is gone from the server', async () => {
        const { code } = await database('copy', '--to', 'embedded');
        return code === 0;
      });
      expect(files().sort()).toEqual(['accounts.db', 'directory.db']);
      const text = readFileSync(gateway.configFile, 'utf8');
      writeFileSync(gateway.configFile, text.replace(/^database: .*\n/m, ''));
      await gateway.start();
      expect(await statusOf('alice')).toBe(200);
      expect(await statusOf('bob')).toBe(200);
      expect(await statusOf('carol')).not.toBe(200);
    });

    it('is refused by a gateway that is older than the tables', async () => {
      postgres.run(url, 'UPDATE doorward_directory.schema_version SET version = 999');
      const shown = await runCommand(['database', 'version', '-c', gateway.configFile], {
        env: { DOORWARD_DATABASE: url },
      });
      expect(shown.code).toBe(1);
      expect(shown.out).toMatch(/^directory +999 .*is refused/m);
      await postgres.kill();
      const away = await runCommand(['database', 'version', '-c', gateway.configFile], {
        env: { DOORWARD_DATABASE: url },
      });
      expect(away).toMatchObject({ code: 1, err: expect.stringContaining('(database/unusable)') });
    });
  },
);

/**
 * A Postgres that is killed, hangs, refuses, goes back in time or is tampered with: requests are refused,
 * nothing is believed, nothing that was acknowledged is lost, and it is found again without a restart.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSharedAccounts } from '../../src/accounts/accounts.ts';
import { ACCOUNTS_KIND } from '../../src/accounts/schema.ts';
import type { Accounts } from '../../src/core/people/account.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { openPostgres } from '../../src/database/postgres/postgres.ts';
import { POSTGRES_TIMING, type PostgresTiming } from '../../src/database/postgres/server.ts';
import { command, query } from '../../src/database/sql.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { eventLog, testClock, testVault } from '../support/state.ts';
import { testToken } from '../support/tokens.ts';
import { until } from '../support/until.ts';

/** Shorter waits where a test is about a wait that has to end. */
const TIMING: PostgresTiming = {
  ...POSTGRES_TIMING,
  connect: 1_000,
  idle: 300,
  beat: 50,
  look: 700,
  silence: 1_000,
};
/** Ids of tokens. */
const [KEPT = '', LATE = '', FIRST = '', SECOND = '', REAL = '', NEW = ''] = [
  'kept',
  'late',
  'first',
  'second',
  'real',
  'new',
].map(idOf);
const UNAVAILABLE = { code: 'accounts/unavailable', status: 503 };

describe.skipIf(isLeftOut('postgres'))(
  'Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    const clock = testClock();
    const vault = testVault();
    let server: Postgres;
    let url: string;
    let accounts: Accounts;
    let events: ReturnType<typeof eventLog>;
    let heard: (string | null)[];

    const open = (at: string) =>
      openSharedAccounts(postgresConfig.parse(at), { clock, vault, events }, TIMING);
    const untilBelieved = (one = accounts) => until('it is believed', () => one.isCoherent());
    const untilDoubted = () => until('it is not believed', () => !accounts.isCoherent());
    const changes = () =>
      events.events.flatMap((event) => (event.type === 'member' ? [event.change] : []));
    const faults = () =>
      events.events.flatMap((event) => (event.type === 'fault' ? [event.code] : []));
    /** Whether it is refused without any wait. */
    const isRefusedAtOnce = async (asking: Promise<unknown>): Promise<boolean> => {
      const refused = asking.then(
        () => false,
        () => true,
      );
      return Promise.race([refused, turn(false)]);
    };

    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    beforeEach(async () => {
      url = server.create();
      events = eventLog();
      heard = [];
      accounts = await open(url);
      accounts.watch((id) => heard.push(id));
      await untilBelieved();
    });
    afterEach(() => accounts.close());

    it('that hangs is noticed once; then all are refused at once, and served when it answers', async () => {
      await accounts.createToken(tokenOf(KEPT));
      server.pause();
      // Those that wait when it is noticed need not wait any longer either.
      const waiting = Array.from({ length: 12 }, () => accounts.token(KEPT));
      const writing = accounts.createToken(tokenOf(LATE));
      for (const { status } of await Promise.allSettled([...waiting, writing])) {
        expect(status).toBe('rejected');
      }
      await untilDoubted();
      await until('it is known', () => changes().includes('ejected'));
      for (let tries = 0; tries < 20; tries += 1) {
        expect(await isRefusedAtOnce(accounts.token(KEPT))).toBe(true);
        expect(await isRefusedAtOnce(accounts.revokeToken(KEPT))).toBe(true);
      }
      await expect(accounts.token(KEPT)).rejects.toMatchObject(UNAVAILABLE);
      heard.length = 0;
      server.resume();
      await untilBelieved();
      // Nothing from before is believed.
      expect(heard).toContain(null);
      expect(await accounts.token(KEPT)).toMatchObject({ id: KEPT });
      expect(await accounts.revokeToken(KEPT)).toBe(true);
      expect(changes()).toEqual(['ejected', 'returned']);
    });

    it('that is killed under load loses nothing that it acknowledged', async () => {
      const other = await open(url);
      const there = new Set<string>();
      const gone = new Set<string>();
      const unknown = new Set<string>();
      const load = { isOver: false };
      const run = async (lane: number): Promise<void> => {
        const at = lane % 2 === 0 ? accounts : other;
        for (let n = 0; !load.isOver; n += 1) {
          const id = idOf(`${lane}x${n}`);
          try {
            await at.createToken(tokenOf(id, `fake/${id}`));
            there.add(id);
            if (n % 2 === 0) continue;
            there.delete(id);
            unknown.add(id);
            if (await at.revokeToken(id)) gone.add(id);
          } catch {
            // Named fallback: what was not acknowledged may be there or not.
            await turn();
          }
        }
      };
      const lanes = Promise.all([0, 1, 2, 3].map(run));
      try {
        for (let round = 1; round <= 3; round += 1) {
          const [before, after] = [there.size, gone.size];
          await until('changes are made', () => there.size > before + 5 && gone.size > after + 5);
          await server.kill();
          await server.start();
        }
        const [before, after] = [there.size, gone.size];
        await until('changes are made', () => there.size > before + 5 && gone.size > after + 5);
      } finally {
        load.isOver = true;
        await lanes;
        await other.close();
      }
      for (const id of there) expect(await accounts.token(id), id).not.toBeNull();
      for (const id of gone) expect(await accounts.token(id), id).toBeNull();
    });

    it('that is restored from an older backup is noticed, and nothing read before is believed', async () => {
      await accounts.createToken(tokenOf(FIRST));
      await server.backUp();
      await accounts.createToken(tokenOf(SECOND));
      await accounts.revokeToken(FIRST);
      heard.length = 0;
      await server.restore();
      await until('it is reported', () => faults().includes('accounts/went-back'));
      await untilBelieved();
      expect(heard).toContain(null);
      // What it says now counts, whatever it said before.
      expect(await accounts.token(FIRST)).not.toBeNull();
      expect(await accounts.token(SECOND)).toBeNull();
    });

    it('that is another one with as many changes is not taken for the one before', async () => {
      const other = await open(url);
      await other.createToken(tokenOf(FIRST));
      await other.close();
      await until('it is heard of', () => heard.includes(tokenOf(FIRST).userId));
      heard.length = 0;
      server.run(
        url,
        `BEGIN; SET search_path = doorward_accounts; DELETE FROM changes WHERE seq = (SELECT max(seq) FROM changes);
         INSERT INTO changes (seq, user_id) SELECT coalesce(max(seq), 0) + 1, '${tokenOf(FIRST).userId}' FROM changes; COMMIT`,
      );
      await until('it is reported', () => faults().includes('accounts/went-back'));
      expect(heard).toContain(null);
    });

    it('migrated by a newer release is neither read nor written by an older one', async () => {
      await accounts.createToken(tokenOf(KEPT));
      const version = ACCOUNTS_KIND.migrations.length;
      const migrate = (to: number) =>
        server.run(url, `UPDATE doorward_accounts.schema_version SET version = ${to}`);
      migrate(version + 1);
      // A change is refused from the very next one on, a read at the next look.
      expect(await codeOf(accounts.revokeToken(KEPT))).toBe('accounts/newer');
      await untilDoubted();
      expect(await codeOf(accounts.token(KEPT))).toBe('accounts/newer');
      expect(await codeOf(open(url))).toBe('accounts/newer');
      migrate(version - 1);
      await until(
        'it is known',
        async () => (await codeOf(accounts.token(KEPT))) === 'accounts/older',
      );
      expect(await codeOf(accounts.revokeToken(KEPT))).toBe('accounts/older');
      migrate(version);
      await untilBelieved();
      expect(await accounts.token(KEPT)).not.toBeNull();
    });

    it('that is a replica is not used until it is promoted', async () => {
      await accounts.createToken(tokenOf(KEPT));
      const replica = await startPostgres({ replicaOf: server });
      try {
        const there = url.replace(String(server.port), String(replica.port));
        await until('it has the change', () => {
          const sql = 'SELECT count(*) FROM doorward_accounts.tokens';
          return replica.run(there, sql) === '1';
        });
        await expect(open(there)).rejects.toMatchObject({
          code: 'accounts/unusable',
          message: expect.stringContaining('is a replica'),
        });
        replica.run(there, 'SELECT pg_promote()');
        const promoted = await open(there);
        expect(await promoted.token(KEPT)).not.toBeNull();
        await promoted.close();
      } finally {
        await replica.stop();
      }
    });

    it('a change that was suspended does not go on with a lock that it lost', async () => {
      server.run(url, 'CREATE TABLE doorward_accounts.counter AS SELECT 1 AS n');
      const READ = query('SELECT n FROM counter', (row) => Number(row['n']));
      const SET = command('UPDATE counter SET n = ?');
      const db = await openPostgres(postgresConfig.parse(url), ACCOUNTS_KIND, TIMING);
      let tries = 0;
      await db.write(function* () {
        const n = (yield* READ.first()) ?? 0;
        tries += 1;
        // This process stands still meanwhile, and another instance waits for its turn.
        if (tries === 1) {
          server.run(
            url,
            `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('doorward_accounts', 0));
             UPDATE doorward_accounts.counter SET n = n + 10; COMMIT`,
          );
        }
        yield* SET(n + 1);
      });
      db.close();
      expect(tries).toBe(2);
      expect(server.run(url, 'SELECT n FROM doorward_accounts.counter')).toBe('12');
    });

    it('is heard by every instance before a change is reported as done', async () => {
      const other = await open(url);
      for (let n = 0; n < 40; n += 1) {
        const id = idOf(`n${n}`);
        await other.createToken(tokenOf(id, `fake/${id}`));
        expect(heard).toContain(`fake/${id}`);
        heard.length = 0;
        await other.revokeToken(id);
        expect(heard).toContain(`fake/${id}`);
      }
      await other.close();
    });

    it('believes nothing any longer where a change that is reported as done was not heard', async () => {
      await accounts.createToken(tokenOf(KEPT, 'fake/kept'));
      const listening = Number(
        server.run(
          url,
          `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
           WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2`,
        ),
      );
      const other = await open(url);
      await until('it is heard', () => heard.includes('fake/kept'));
      heard.length = 0;
      process.kill(listening, 'SIGSTOP');
      try {
        expect(await other.revokeToken(KEPT)).toBe(true);
        expect(heard.includes('fake/kept') || !accounts.isCoherent()).toBe(true);
      } finally {
        process.kill(listening, 'SIGCONT');
      }
      await untilBelieved();
      expect(heard.includes('fake/kept') || heard.includes(null)).toBe(true);
      await other.close();
    });

    it('hears nothing in an announcement but that it should look', async () => {
      server.run(url, 'CREATE ROLE stranger LOGIN');
      heard.length = 0;
      for (const payload of ['', 'embedded/ann', '*', 'null', 'x'.repeat(7_000)]) {
        server.run(url, `SET ROLE stranger; NOTIFY doorward_accounts, '${payload}'`);
      }
      await accounts.createToken(tokenOf(REAL, 'embedded/real'));
      const other = await open(url);
      await other.revokeToken(REAL);
      await other.close();
      await until('the change is heard', () => heard.length >= 2);
      expect(new Set(heard)).toEqual(new Set(['embedded/real']));
      server.run(url, 'DROP ROLE stranger');
    });

    it('that ends the listening connection alone costs no change', async () => {
      const other = await open(url);
      server.run(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      await other.createToken(tokenOf(NEW, 'embedded/new'));
      await until(
        'the change is heard',
        () => heard.includes('embedded/new') || heard.includes(null),
      );
      await untilBelieved();
      expect(await accounts.token(NEW)).not.toBeNull();
      await other.close();
    });

    it('without free connections, or read only, refuses what it cannot do, and recovers', async () => {
      const name = new URL(url).pathname.slice(1);
      const role = `role_of_${name}`;
      server.run(url, `CREATE ROLE ${role} LOGIN; ALTER DATABASE ${name} OWNER TO ${role}`);
      server.run(url, 'DROP SCHEMA doorward_accounts CASCADE');
      const own = await open(url.replace('doorward@', `${role}@`));
      await own.createToken(tokenOf(KEPT));
      const endAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`;
      server.run(url, `ALTER ROLE ${role} CONNECTION LIMIT 0`);
      server.run(url, endAll);
      await until('it is refused', async () => (await codeOf(own.token(KEPT))) !== '');
      expect(await codeOf(own.token(KEPT))).toBe('accounts/unavailable');
      server.run(url, `ALTER ROLE ${role} CONNECTION LIMIT -1`);
      await untilBelieved(own);
      expect(await own.token(KEPT)).not.toBeNull();

      server.run(url, `ALTER ROLE ${role} SET default_transaction_read_only = on`);
      server.run(url, endAll);
      await untilBelieved(own);
      expect(await own.token(KEPT)).not.toBeNull();
      await expect(own.revokeToken(KEPT)).rejects.toMatchObject(UNAVAILABLE);
      server.run(url, `ALTER ROLE ${role} RESET default_transaction_read_only`);
      server.run(url, endAll);
      await until('it can be written', async () => (await codeOf(own.revokeToken(KEPT))) === '');
      await own.close();
    });
  },
);

/** Code of the Problem with which it is refused; `''` if it is done. */
function codeOf(asking: Promise<unknown>): Promise<string> {
  return asking.then(
    () => '',
    (caught: unknown) => (caught instanceof Problem ? caught.code : String(caught)),
  );
}

function idOf(word: string): string {
  return word.padEnd(7, 'z');
}

function tokenOf(id: string, userId = 'fake/ann') {
  return testToken({ id, userId, textName: id.repeat(3) });
}

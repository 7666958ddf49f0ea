/** That every instance has heard of a change, where something in between fails, or a stranger interferes. */
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openSharedAccounts } from '../../src/accounts/accounts.ts';
import { ACCOUNTS_KIND } from '../../src/accounts/schema.ts';
import type { Accounts } from '../../src/core/people/account.ts';
import { untilHeard } from '../../src/database/postgres/hearing.ts';
import { openPostgres } from '../../src/database/postgres/postgres.ts';
import { POSTGRES_TIMING, type PostgresTiming } from '../../src/database/postgres/server.ts';
import { postgresConfig } from '../../src/schema/postgres.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { eventLog, testClock, testVault } from '../support/state.ts';
import { testToken } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const TIMING: PostgresTiming = { ...POSTGRES_TIMING, beat: 50, look: 700, silence: 1_000 };
const TOKEN = testToken({ id: 'abcdefg', userId: 'fake/ann', textName: 'a'.repeat(21) });

describe.skipIf(isLeftOut('postgres'))(
  'hearing of changes in Postgres (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let server: Postgres;
    let url: string;
    let accounts: Accounts;
    let heard: (string | null)[];

    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    beforeEach(async () => {
      url = server.create();
      heard = [];
      const tools = { clock: testClock(), vault: testVault(), events: eventLog() };
      const opened = await openSharedAccounts(postgresConfig.parse(url), tools, TIMING);
      onTestFinished(() => opened.close());
      opened.watch((id) => heard.push(id));
      accounts = opened;
      await until('it is believed', () => opened.isCoherent());
    });

    it('is waited for also by an instance that cannot ask any longer once its change is made', async () => {
      const db = await openPostgres(postgresConfig.parse(url), ACCOUNTS_KIND, TIMING);
      onTestFinished(() => db.close());
      const listening = Number(server.run(url, LISTENING));
      heard.length = 0;
      process.kill(listening, 'SIGSTOP');
      try {
        server.run(
          url,
          "INSERT INTO doorward_accounts.changes (seq, user_id) VALUES (1, 'fake/ann')",
        );
        await untilHeard({ ...db, read: () => Promise.reject(new Error('cut off')) });
        expect(heard.includes('fake/ann') || !accounts.isCoherent()).toBe(true);
      } finally {
        process.kill(listening, 'SIGCONT');
      }
    });

    it('makes no outage of locks that a stranger takes, and nothing is believed meanwhile', async () => {
      await accounts.createToken(TOKEN);
      server.run(url, 'CREATE ROLE stranger LOGIN');
      const stranger = new Client({ connectionString: url.replace('doorward@', 'stranger@') });
      await stranger.connect();
      try {
        await stranger.query(
          "SELECT pg_advisory_lock(hashtext('doorward_accounts heard'), n) FROM generate_series(2, 9) AS n",
        );
        expect(await accounts.revokeToken(TOKEN.id)).toBe(true);
        await until('nothing is believed', () => !accounts.isCoherent());
        for (let n = 0; n < 20; n += 1) expect(await accounts.token(TOKEN.id)).toBeNull();
        await accounts.createToken(TOKEN);
        expect(await accounts.token(TOKEN.id)).not.toBeNull();
        expect(accounts.isCoherent()).toBe(false);
      } finally {
        await stranger.end();
      }
      await until('it is believed', () => accounts.isCoherent());
    });

    it('keeps no process from ending while the server hangs', async () => {
      await accounts.token(TOKEN.id);
      server.pause();
      try {
        await accounts.close();
        await until('nothing waits for the server', () => waitedFor() === 0);
        expect(waitedFor()).toBe(0);
      } finally {
        server.resume();
      }
    });
  },
);

/** Connections without whose end this process would not end. */
function waitedFor(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

/** Process of the connection that hears. */
const LISTENING = `SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
  WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2`;

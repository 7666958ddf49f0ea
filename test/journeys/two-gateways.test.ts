/**
 * Two gateways on one Redis and one Postgres, behind nginx, are one gateway: what is taken away at one is
 * gone at the other, and a Postgres that is killed under load opens nothing and loses nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.ts';
import { CHOSEN, past } from '../support/flow-pages.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { adminStatus, metric } from '../support/operations.ts';
import { isLeftOut } from '../support/packages.ts';
import { startTwoGateways, type TwoGateways } from '../support/two-gateways.ts';
import { until } from '../support/until.ts';

const SET_UP = /http:\/\/auth\.gw\.test:\d+\/flow\/first-run\?invitation=[\w-]+/;
/** How often each is tried; `test/long` measures it over more. */
const TRIES = 3;

describe.skipIf(isLeftOut('postgres') || isLeftOut('nginx'))(
  'two gateways (unless left out by DOORWARD_TEST_WITHOUT)',
  () => {
    let two: TwoGateways;

    beforeAll(async () => {
      two = await startTwoGateways(startGateway);
    });
    afterAll(() => two?.stop());

    /** Runs a command on the first machine; its output. */
    const run = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await two.a.run(args);
      if (code !== 0) throw new Error(err);
      return out.trim();
    };
    const cookiesOf = (client: Client) => ({ cookie: client.cookieHeader('board.gw.test') });
    const signedIn = async (name: string) => cookiesOf(await two.signIn(name));
    const tryWrongPassword = () => new Client().signIn(`${two.a.app('files')}/`, 'tom', 'wrong');
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const newToken = async (name: string) =>
      bearer(await run('token', 'create', name, '--name', 'ci'));

    it('invite one first administrator, and create one, whichever is asked', async () => {
      const said = () => two.a.output() + two.b.output();
      await until('both say who invites', () =>
        [SET_UP, /another gateway invites the first administrator/].every((one) =>
          one.test(said()),
        ),
      );
      const links = said().match(new RegExp(SET_UP, 'g')) ?? [];
      expect(links).toHaveLength(1);
      const forms = [];
      for (const _ of [1, 2]) {
        const client = new Client();
        const page = await past(client, await client.follow(links[0] ?? ''));
        forms.push({ client, page });
      }
      const ends = await Promise.all(
        forms.map(({ client, page }, n) =>
          client.submit(page, {
            ...CHOSEN,
            username: `root${n}`,
            display_name: 'Root',
            email: `r${n}@gw.test`,
          }),
        ),
      );
      expect(ends.filter(({ location }) => location.includes('/flow/login'))).toHaveLength(1);
      expect(JSON.parse(await run('user', 'list', '--json'))).toHaveLength(1);
    });

    /** What users show, and the command that takes it away. */
    const kinds = [
      ['a user is disabled', signedIn, (name: string) => run('user', 'disable', name)],
      [
        'a group is changed',
        signedIn,
        (name: string) => run('user', 'set', name, '--remove-group', 'staff'),
      ],
      ['a factor is removed', signedIn, (name: string) => run('user', 'reset', name, '--totp')],
      ['a user with a token is disabled', newToken, (name: string) => run('user', 'disable', name)],
      [
        'a token is revoked',
        newToken,
        async (name: string) =>
          run('token', 'revoke', idIn(await run('token', 'list', name, '--json'))),
      ],
    ] as const;
    it.each(kinds)('refuse at the other one when %s', async (what, show, takeAway) => {
      for (let tries = 1; tries <= TRIES; tries += 1) {
        const name = `${what.replaceAll(/\W/g, '')}${tries}`.toLowerCase();
        await two.add(name);
        const shown = await show(name);
        // Both know it, and would let it in again without asking anyone.
        for (const gateway of [two.a, two.b, two.a, two.b]) {
          expect(await two.ask(shown, gateway)).toBe(200);
        }
        await takeAway(name);
        // Sessions end in Redis, which reports that to the others without being waited for.
        if (what === 'a factor is removed') {
          await until('it is refused', async () => (await two.ask(shown, two.b)) !== 200);
        }
        for (const gateway of [two.b, two.b, two.b]) {
          expect([401, 403]).toContain(await two.ask(shown, gateway));
        }
        await until('it is refused here', async () => (await two.ask(shown, two.a)) !== 200);
      }
    });

    it('let in at the other one who was added to a group', async () => {
      await two.add('new');
      await run('user', 'set', 'new', '--remove-group', 'staff');
      const shown = await signedIn('new');
      for (const gateway of [two.b, two.b]) expect(await two.ask(shown, gateway)).toBe(403);
      await run('user', 'set', 'new', '--add-group', 'staff');
      await until('it is served', async () => (await two.ask(shown, two.b)) === 200);
    });

    it('refuse while Postgres hangs, say so, and go on when it answers', async () => {
      await two.add('ida');
      const ida = await signedIn('ida');
      const isUp = (gateway: Gateway) => metric(gateway, 'doorward_database_up');
      two.postgres.pause();
      for (const gateway of [two.a, two.b]) {
        await until('it is refused', async () => (await two.ask(ida, gateway)) !== 200);
        await until('it is reported', async () => (await isUp(gateway)) === 0);
        expect(await two.ask(ida, gateway)).toBe(500);
      }
      expect((await new Client().open(`${two.a.app('open')}/`)).status).toBe(200);
      two.postgres.resume();
      for (const gateway of [two.a, two.b]) {
        await until('it is served', async () => (await two.ask(ida, gateway)) === 200);
        // Of both parts of the database.
        await until('it is reported', async () => (await isUp(gateway)) === 2);
      }
    });

    it('open nothing and lose nothing when Postgres is killed under load', async () => {
      await two.add('eve', 'dan', 'tom');
      const [eve, dan, token, revoked] = [
        await signedIn('eve'),
        await signedIn('dan'),
        await newToken('tom'),
        await newToken('tom'),
      ];
      await run('user', 'disable', 'dan');
      const [spent] = JSON.parse(await run('token', 'list', 'tom', '--json'));
      await run('token', 'revoke', spent.id);
      const [live, dead] = (await two.ask(token)) === 200 ? [token, revoked] : [revoked, token];
      for (const gone of [dan, dead]) {
        await until('it is refused', async () => (await two.ask(gone, two.b)) !== 200);
      }

      const load = { isOver: false };
      const seen = { eve: [0], dan: [0], live: [0], dead: [0], wrong: [0], right: [0] };
      const signedIns: { readonly cookie: string }[] = [];
      const keepAsking = async (
        name: keyof typeof seen,
        ask: () => Promise<number>,
      ): Promise<void> => {
        while (!load.isOver) seen[name].push(await ask());
      };
      const done: string[] = [];
      const changes = async (): Promise<void> => {
        for (let n = 1; !load.isOver; n += 1) {
          const name = `u${n}`;
          const added = await two.a.run(['user', 'add', name, '--no-password']);
          if (added.code === 0 && (await two.b.run(['user', 'disable', name])).code === 0) {
            done.push(name);
          }
        }
      };
      const lanes = Promise.all([
        keepAsking('eve', () => two.ask(eve)),
        keepAsking('dan', () => two.ask(dan)),
        keepAsking('live', () => two.ask(live)),
        keepAsking('dead', () => two.ask(dead)),
        keepAsking('wrong', () => tryWrongPassword().then(statusOf, () => 0)),
        keepAsking('right', async () => {
          const client = await two.signIn('eve').catch(() => null);
          if (client !== null) signedIns.push(cookiesOf(client));
          return 0;
        }),
        changes(),
      ]);
      const isServed = async (): Promise<boolean> => {
        for (const gateway of [two.a, two.b]) {
          for (const one of [eve, live]) if ((await two.ask(one, gateway)) !== 200) return false;
        }
        return true;
      };
      try {
        for (let round = 1; round <= 2; round += 1) {
          const before = done.length;
          await until('changes are made', () => done.length > before);
          await two.postgres.kill();
          for (const gateway of [two.a, two.b]) {
            await until('it is refused', async () => (await two.ask(eve, gateway)) !== 200);
            await until('it says so', async () => (await adminStatus(gateway, '/readyz')) === 503);
          }
          expect((await new Client().open(`${two.a.app('open')}/`)).status).toBe(200);
          await two.postgres.start();
          await until('it is served', isServed);
          for (const gateway of [two.a, two.b]) {
            await until('it says so', async () => (await adminStatus(gateway, '/readyz')) === 200);
          }
        }
      } finally {
        load.isOver = true;
        await lanes;
      }
      // A check that cannot be decided is an error for nginx.
      for (const status of [...seen.eve, ...seen.live]) expect([0, 200, 500]).toContain(status);
      for (const status of [...seen.dan, ...seen.dead, ...seen.wrong]) expect(status).not.toBe(200);
      for (const name of done) {
        expect(await run('user', 'show', name), name).toContain('disabled');
      }
      expect(signedIns).not.toEqual([]);
      for (const one of signedIns) expect(await two.ask(one, two.b)).toBe(200);
    });
  },
);

/** 200 only for a page of the app. */
function statusOf({ status, body }: Answer): number {
  return body.includes('"app":"app"') ? 200 : status === 200 ? 0 : status;
}

/** Id of the only token in a list. */
function idIn(list: string): string {
  const [token] = JSON.parse(list);
  return token.id;
}

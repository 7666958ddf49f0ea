/**
 * An LDAP server that is killed, hangs and starts again while users sign in and open apps: no user gets
 * in without it, no one who is in is held up or signed out, and the gateway needs no restart.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { createPeople, optionsFor } from '../support/ldap-people.ts';
import { type Line, startLine } from '../support/line.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

const NAMES = Array.from({ length: 8 }, (_, i) => `user${i}`);
const PASSWORD = 'correct horse';

/** What the load does. Strangers have no account. */
const KINDS = ['check', 'sign in', 'guess', 'stranger'] as const;
type Kind = (typeof KINDS)[number];

let addresses = 0;
/** A new one in a network of its own, so that no limit of an address is met. */
const nextAddress = (): string => {
  addresses += 1;
  return `127.${1 + (addresses >> 8)}.${addresses & 255}.1`;
};

/** One finished task of the load. */
interface Outcome {
  readonly kind: Kind;
  /** How the server was meanwhile; `changed` if it was not the same from start to end. */
  readonly server: Condition | 'changed';
  readonly status: number;
  readonly isIn: boolean;
}

type Condition = 'up' | 'killed' | 'hanging';

describe.skipIf(isLeftOut('slapd'))('LDAP (unless left out by DOORWARD_TEST_WITHOUT)', () => {
  let server: Slapd;
  let line: Line;
  let app: WebApp;
  let gateway: Gateway;

  beforeAll(async () => {
    server = await startSlapd();
    line = await startLine(server.port);
    await createPeople(server, 'openldap').put(
      NAMES.map((name) => ({ name, groups: ['staff'], password: PASSWORD })),
    );
    app = await startWebApp('app');
  });
  afterAll(async () => {
    await Promise.all([app?.close(), line?.close()]);
    await server?.stop();
  });

  /** Starts a gateway that serves users for an hour without asking the server. */
  const startWith = async (more: object, extra = 'throttle: { free: 1000 }'): Promise<void> => {
    const url = `ldap://localhost:${line.port}`;
    const options = optionsFor(server, 'openldap', { url, fresh_for: '1h', ...more });
    gateway = await startGateway({
      directories: JSON.stringify([{ type: 'ldap', ...options }]),
      config: () => `session: { cookie_domains: [gw.test] }
${extra}
routes:
  - id: wiki
    host: wiki.gw.test
    upstream: "http://127.0.0.1:${app.port}"
    policies: [{ type: group, any: [staff] }]
`,
    });
  };
  const open = (client: Client) => client.open(`${gateway.app('wiki')}/`);
  /** The last page of a sign-in. It is the app's, if that is open now. */
  const signIn = async (client: Client, name: string, password: string) => {
    const first = await client.follow(`${gateway.app('wiki')}/`);
    const second = await client.submitAndFollow(first, { login: name });
    if (second.status !== 200) return { status: second.status, isIn: false };
    const { status, body } = await client.submitAndFollow(second, { password });
    return { status, isIn: body.startsWith('{"app":') };
  };
  const signedIn = async (name: string): Promise<Client> => {
    const client = new Client();
    // A busy machine may make the server slow.
    await until(`${name} is in`, async () => (await signIn(client, name, PASSWORD)).isIn);
    return client;
  };

  describe('under load', () => {
    beforeAll(() => startWith({ timeout: '1s' }));
    afterAll(() => gateway?.remove());

    it('opens nothing while it is away, and is back without a restart', async () => {
      const warm = await Promise.all(NAMES.map(signedIn));
      const entered: Client[] = [];
      const outcomes: Outcome[] = [];
      const state: { server: Condition; isOver: boolean } = { server: 'up', isOver: false };
      const tasks: Record<
        Kind,
        (client: Client, round: number) => Promise<Omit<Outcome, 'kind' | 'server'>>
      > = {
        async check(_, round) {
          const { status, body } = await open(warm[round % warm.length] ?? new Client());
          return { status, isIn: body.startsWith('{"app":') };
        },
        async 'sign in'(client, round) {
          const result = await signIn(client, NAMES[round % NAMES.length] ?? '', PASSWORD);
          if (result.isIn) entered.push(client);
          return result;
        },
        guess: (client, round) => signIn(client, NAMES[round % NAMES.length] ?? '', 'wrong'),
        stranger: (client, round) => signIn(client, `stranger${round}`, PASSWORD),
      };
      const work = async (kind: Kind): Promise<void> => {
        for (let round = 0; !state.isOver; round += 1) {
          const before = state.server;
          const result = await tasks[kind](new Client(nextAddress()), round);
          outcomes.push({ kind, server: before === state.server ? before : 'changed', ...result });
        }
      };
      /** Changes the server, and waits until each kind of task has met it like this. */
      const meet = async (next: Condition, change: () => unknown): Promise<void> => {
        const start = outcomes.length;
        state.server = next;
        await change();
        const isMet = (kind: Kind): boolean =>
          outcomes.slice(start).some((one) => {
            const isAnswered = next !== 'up' || one.status === 200;
            return one.kind === kind && one.server === next && isAnswered;
          });
        await until(`every task meets a server that is ${next}`, () => KINDS.every(isMet));
      };

      const workers = [...KINDS, ...KINDS].map(work);
      try {
        await meet('up', () => undefined);
        await meet('killed', () => server.kill());
        await meet('up', () => server.start());
        await meet('hanging', () => server.pause());
        await meet('up', () => server.resume());
        await meet('up', async () => {
          await server.kill();
          await server.start();
        });
      } finally {
        server.resume();
        state.isOver = true;
        await Promise.all(workers);
      }

      const of = (...kinds: readonly Kind[]) => outcomes.filter(({ kind }) => kinds.includes(kind));
      const shapes = (some: readonly Outcome[]) =>
        [...new Set(some.map(({ status, isIn }) => `${status} ${isIn}`))].toSorted();
      expect(shapes(of('check'))).toEqual(['200 true']);
      expect(of('guess', 'stranger').some(({ isIn }) => isIn)).toBe(false);
      const away = of('sign in', 'guess', 'stranger').filter(
        ({ server: at }) => at === 'killed' || at === 'hanging',
      );
      expect(shapes(away)).toEqual(['503 false']);
      expect(shapes(of('sign in'))).toEqual(['200 true', '503 false']);
      // Sessions from before and from in between are open, even without the server.
      await server.kill();
      try {
        for (const client of [...warm, ...entered]) expect((await open(client)).status).toBe(200);
      } finally {
        await server.start();
      }
    });
  });

  describe('that hangs', () => {
    beforeAll(() => startWith({ timeout: '60s', connections: 1 }));
    afterAll(() => gateway?.remove());

    it('holds up sign-ins alone: checks ask it nothing and are answered first', async () => {
      const warm = await Promise.all(NAMES.map(signedIn));
      const done: string[] = [];
      server.pause();
      let signingIn: readonly Promise<unknown>[] = [];
      try {
        const before = line.sent().length;
        // One connection asks, and the others wait for it.
        signingIn = NAMES.map(async (name) => {
          const client = await signedIn(name);
          done.push('sign-in');
          return client;
        });
        await until('a sign-in waits for the server', () => line.sent().length > before);
        const asked = line.sent().length;
        for (let round = 0; round < 20; round += 1) {
          const answers = await Promise.all(warm.map(open));
          expect(answers.map(({ status }) => status)).toEqual(warm.map(() => 200));
          done.push('checks');
        }
        expect(done).toEqual(Array(20).fill('checks'));
        expect(line.sent().length).toBe(asked);
      } finally {
        server.resume();
      }
      await Promise.all(signingIn);
      expect(done.filter((one) => one === 'sign-in')).toHaveLength(NAMES.length);
    });
  });

  describe('that is away for long', () => {
    beforeAll(() => startWith({}, ''));
    afterAll(() => gateway?.remove());

    it('locks out none of the users who tried in vain', async () => {
      const [name = ''] = NAMES;
      // The name is known from now on.
      await signIn(new Client(nextAddress()), name, 'wrong');
      await server.kill();
      try {
        for (let i = 0; i < 8; i += 1) {
          expect((await signIn(new Client(nextAddress()), name, PASSWORD)).status).toBe(503);
        }
      } finally {
        await server.start();
      }
      const back = new Client(nextAddress());
      await until('the user is in', async () => (await signIn(back, name, PASSWORD)).isIn);
    });
  });
});

/**
 * The gate on in-memory ports, with requests and responses as plain data. Without a socket:
 * node:http is covered by the journeys.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../../src/core/request/dialect.ts';
import type { Snapshot } from '../../src/core/setup/snapshot.ts';
import { dialects } from '../../src/dialects/index.ts';
import { type Assertion } from '../../src/gate/reply/identity-headers.ts';
import { createOwnPaths } from '../../src/gate/own-paths/own-paths.ts';
import { createReplies } from '../../src/gate/reply/replies.ts';
import { createCheck } from '../../src/gate/check/check.ts';
import { createDecideRequest } from '../../src/gate/admission/decide-request.ts';
import { createRequestIds } from '../../src/gate/request/request-id.ts';
import { recordPeer } from '../../src/gate/request/peer.ts';
import { createTrust } from '../../src/gate/request/trust.ts';
import { createVisitors } from '../../src/gate/visitor/visitors.ts';
import { newTokenText } from '../../src/core/people/token.ts';
import { DEFAULT_RULES } from '../../src/flow/run/throttle-rules.ts';
import { systemRandom } from '../../src/run/backing/adapters.ts';
import { fakeAccounts } from './fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeHandovers,
  fakeRandom,
  fakeSessions,
  fakeTickets,
  fakeVault,
  testSession,
  testUser,
} from './fakes.ts';
import { fakeThrottle } from './flow-fakes.ts';
import { fakePages, testLive, testSnapshot } from './snapshot.ts';
import { testToken } from './tokens.ts';

/** Name and value pairs in the order sent. */
export type Pairs = readonly (readonly [string, string])[];

/** What a proxy received. */
export interface Heard {
  readonly status: number;
  /** Lower-case names; repeated ones are joined with `|`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The gate's dependencies; all have a default. */
export interface GateWords {
  readonly snapshot?: Snapshot;
  readonly dialects?: readonly Dialect[];
  readonly assertion?: Assertion;
}

/** Cookie pair of the session that `testGate` starts for ann. */
export const COOKIE = '__Secure-doorward=sealed.one.secret';

/** A request object with the properties that the gate reads. */
export function testRequest(
  method: string,
  pairs: Pairs,
  peer: string | undefined = '127.0.0.1',
): IncomingMessage {
  const headers: Record<string, string> = {};
  for (const [key, value] of pairs) {
    const name = key.toLowerCase();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const socket = { remoteAddress: peer };
  recordPeer(socket, { kind: 'tcp' });
  const request = { method, headers, rawHeaders: pairs.flat(), socket };
  return request as unknown as IncomingMessage;
}

/** A response that records what is written, and when it is complete. */
export function testResponse(): { readonly res: ServerResponse; readonly heard: Promise<Heard> } {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  let status = 0;
  const headers: Record<string, string> = {};
  const res = {
    headersSent: false,
    writeHead(code: number, flat: readonly string[]) {
      if (res.headersSent) throw new Error('head sent twice');
      res.headersSent = true;
      status = code;
      for (let i = 0; i + 1 < flat.length; i += 2) {
        const name = (flat[i] as string).toLowerCase();
        const value = flat[i + 1] as string;
        headers[name] = headers[name] === undefined ? value : `${headers[name]}|${value}`;
      }
    },
    end: (body?: Buffer) => resolve({ status, headers, body: body?.toString() ?? '' }),
    destroy: () => resolve({ status: 0, headers: {}, body: '' }),
  };
  return { res: res as unknown as ServerResponse, heard: promise };
}

/** The gate with ann (`fake/ann`, in `staff`), signed in under COOKIE and with a token. */
export async function testGate(words: GateWords = {}) {
  const live = testLive(words.snapshot ?? testSnapshot());
  const clock = fakeClock();
  const events = fakeEvents();
  const vault = fakeVault();
  const sessions = fakeSessions(vault);
  const directory = fakeDirectory(testUser());
  const accounts = fakeAccounts();
  const { id, text: token } = newTokenText(systemRandom);
  await accounts.createToken(
    testToken({ id, textName: vault.name('token', token), userId: testUser().id }),
  );
  const tickets = fakeTickets();
  const pending: (() => void)[] = [];
  const visitors = createVisitors({
    live,
    sessions,
    directory,
    tickets,
    vault,
    clock,
    events,
    later: (task) => void pending.push(task),
    tokens: { accounts, throttle: fakeThrottle(), rule: DEFAULT_RULES.address },
    // The caches reserve their memory at once, which takes longer than a request.
    capacity: 100,
  });
  await sessions.start({ id: 'one', secret: 'secret' }, testSession());
  const replies = createReplies({ pages: fakePages, assertion: words.assertion ?? null });
  const handovers = fakeHandovers();
  const check = createCheck({
    live,
    dialects: words.dialects ?? dialects,
    trust: createTrust(live),
    decideRequest: createDecideRequest({ visitors: visitors.apps, clock }),
    ownPaths: createOwnPaths({
      handovers,
      tickets,
      vault,
      random: fakeRandom(),
      clock,
      replies,
      forms: null,
    }),
    replies,
    requestIds: createRequestIds(fakeRandom()),
    clock,
    events,
  });
  const ask = (
    dialect: string,
    pairs: Pairs,
    options: { rest?: string; peer?: string; method?: string } = {},
  ): Promise<Heard> => {
    const { res, heard } = testResponse();
    const request = testRequest(options.method ?? 'GET', pairs, options.peer);
    check.handle(request, res, dialect, options.rest ?? '');
    return heard;
  };
  return {
    accounts,
    ask,
    check,
    clock,
    directory,
    events,
    handovers,
    live,
    pending,
    sessions,
    tickets,
    /** The text of a token of ann. */
    token,
    vault,
    visitors,
  };
}

/** The proxy on a real listener with real apps behind it; only the signed-in user is fake. */
import type { AddressInfo } from 'node:net';
import type { SessionVisitor } from '../../src/core/access/decision.ts';
import type { Event } from '../../src/core/access/event.ts';
import type { Snapshot } from '../../src/core/setup/snapshot.ts';
import { plainUpstream, type UpstreamGroup } from '../../src/core/routes/upstream.ts';
import { direct } from '../../src/dialects/index.ts';
import { createAdmit } from '../../src/gate/admission/admission.ts';
import { createOwnPaths } from '../../src/gate/own-paths/own-paths.ts';
import { createReplies } from '../../src/gate/reply/replies.ts';
import { findCookie } from '../../src/core/request/cookie.ts';
import { createDecideRequest } from '../../src/gate/admission/decide-request.ts';
import { createLiveSockets, type LiveSockets } from '../../src/gate/websocket/live-sockets.ts';
import { createProxy } from '../../src/gate/proxy/proxy.ts';
import { createRequestIds } from '../../src/gate/request/request-id.ts';
import { createTrust } from '../../src/gate/request/trust.ts';
import { createUpgrade } from '../../src/gate/websocket/upgrade.ts';
import type { GroupOptions } from '../../src/gate/upstream/groups.ts';
import { createUpstreams } from '../../src/gate/upstream/upstreams.ts';
import { createPublicServer } from '../../src/http/server.ts';
import { createHttp2Connections } from '../../src/http2/connections.ts';
import { fakeAccounts } from './fake-accounts.ts';
import {
  type FakeDirectory,
  type FakeSessions,
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeHandovers,
  fakeRandom,
  fakeTickets,
  fakeVault,
  fakeSessions,
  testSession,
  testUser,
} from './fakes.ts';
import { fakePages, testLive, testSnapshot } from './snapshot.ts';

/** The cookie pair of a signed-in user. */
export const ALICE = 'doorward=alice';
export const BOB = 'doorward=bob';

/** A proxy that runs on `app.gw.test`, portal `auth.gw.test`. */
export interface Proxied {
  readonly port: number;
  readonly events: Event[];
  readonly live: LiveSockets;
  readonly sessions: FakeSessions;
  readonly directory: FakeDirectory;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly snapshot: { current: Snapshot };
  /** Revokes a user's session, as another process would. */
  readonly signOut: (name: 'alice' | 'bob') => void;
  close(): Promise<void>;
}

/** The route's settings. */
export interface ProxiedOptions {
  readonly limits?: GroupOptions['limits'];
  /** Time and chance of upstreams. */
  readonly pace?: Partial<Pick<GroupOptions, 'now' | 'chance' | 'later'>>;
  readonly timeout?: number;
  readonly preserveHost?: boolean;
  readonly trusted?: readonly string[];
  /**
   * Cached visitors are returned synchronously; true: every visitor is looked up asynchronously.
   */
  readonly slowVisitors?: boolean;
  /** Groups of alice. */
  readonly groups?: readonly string[];
  /** Looking up visitors fails. */
  readonly brokenVisitors?: boolean;
  /** The listener speaks HTTP/2 as well. */
  readonly http2?: boolean;
}

function groupOf(upstream: string | UpstreamGroup, timeout = 10_000): UpstreamGroup {
  return typeof upstream === 'string' ? plainUpstream(upstream, timeout) : upstream;
}

/** `/public/**` is public, everything else requires a session. */
export async function startProxied(
  upstream: string | UpstreamGroup | null,
  options: ProxiedOptions = {},
): Promise<Proxied> {
  const base = testSnapshot({
    publicUrl: 'http://auth.gw.test',
    trusted: options.trusted ?? [],
    routes: [
      {
        id: 'app',
        host: 'app.gw.test',
        ...(upstream === null ? {} : { upstream: groupOf(upstream, options.timeout) }),
        paths: { '/public/**': 'public' },
      },
    ],
  });
  for (const route of base.table.routes) {
    // The words of the shared fixture have no Host; routes are plain objects here.
    Object.assign(route, { preserveHost: options.preserveHost ?? false });
  }
  const snapshot = testLive(base);
  const clock = fakeClock();
  const events = fakeEvents();
  const alice = testUser({
    id: 'fake/alice',
    name: 'alice',
    displayName: '',
    email: '',
    groups: options.groups ?? [],
  });
  const bob = testUser({ id: 'fake/bob', name: 'bob', groups: ['admins'] });
  const visitors = new Map<string, SessionVisitor>([
    ['alice', { user: alice, session: testSession({ id: 's-alice', userId: alice.id }) }],
    ['bob', { user: bob, session: testSession({ id: 's-bob', userId: bob.id }) }],
  ]);
  const sessions = fakeSessions();
  const directory = fakeDirectory(alice, bob);
  const decideRequest = createDecideRequest({
    clock,
    visitors: {
      find({ header }) {
        if (options.brokenVisitors === true) throw new Error('the store is down');
        const found = visitors.get(findCookie(header('cookie'), 'doorward') ?? '') ?? null;
        return options.slowVisitors === true ? Promise.resolve(found) : found;
      },
    },
  });
  const replies = createReplies({ pages: fakePages, assertion: null });
  const trust = createTrust(snapshot);
  const requestIds = createRequestIds(fakeRandom());
  const ownPaths = createOwnPaths({
    handovers: fakeHandovers(),
    tickets: fakeTickets(),
    vault: fakeVault(),
    random: fakeRandom(),
    clock,
    replies,
    forms: null,
  });
  const admission = {
    live: snapshot,
    trust,
    dialect: direct,
    decideRequest,
    ownPaths,
    replies,
    requestIds,
    clock,
    events,
  };
  const upstreams = createUpstreams({
    events,
    ...options.pace,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const live = createLiveSockets({ sessions, directory, tokens: fakeAccounts(), clock });
  const proxy = createProxy({
    admit: createAdmit({ ...admission, seesPages: true }),
    keepUnsent: () => null,
    replies,
    upstreams,
    clock,
    events,
  });
  const upgrade = createUpgrade({
    admit: createAdmit({ ...admission, seesPages: false }),
    recheck: createAdmit({ ...admission, seesPages: false }),
    replies,
    upstreams,
    live,
    clock,
    events,
  });
  const http2 = createHttp2Connections();
  const server = createPublicServer(
    {
      request: proxy.handle,
      upgrades: () => true,
      upgrade: upgrade.handle,
      refused: (_request, { code }) => code,
    },
    { kind: 'tcp' },
    null,
    options.http2 === true ? http2.offer : undefined,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    events: events.all,
    live,
    sessions,
    directory,
    clock,
    snapshot,
    signOut(name) {
      visitors.delete(name);
      sessions.announce(`s-${name}`);
    },
    async close() {
      live.shutdown();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        http2.destroy();
      });
      await upstreams.close();
    },
  };
}

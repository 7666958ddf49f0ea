/**
 * The joint: the one place where the rooms of the gateway and its adapters meet. What each part
 * needs is passed in; nothing is found through globals.
 */
import type { Server } from 'node:http';
import { type Backing, lists, systemClock, systemRandom } from './adapters.ts';
import type { Settings } from '../config/settings/settings.ts';
import type { Accounts } from '../core/people/account.ts';
import type { Mailer } from '../core/flow/mail.ts';
import type { Atlas } from '../core/people/place.ts';
import type { Directory, WritableDirectory } from '../core/people/directory.ts';
import type { EventSink } from '../core/access/event.ts';
import type { Stores } from '../core/setup/stores.ts';
import type { SignalSource } from '../core/access/signal.ts';
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import { direct } from '../dialects/direct/dialect.ts';
import { dialects } from '../dialects/index.ts';
import { chainDirectories } from '../directories/chain.ts';
import { DEFAULT_RULES } from '../flow/run/throttle-rules.ts';
import { createFlowApp } from '../flow/web/handler.ts';
import { flowTexts } from '../flow/web/texts.ts';
import { createAdmit } from '../gate/admission/admission.ts';
import { createReplies } from '../gate/reply/replies.ts';
import { createCheck } from '../gate/check/check.ts';
import { undecidedEvent } from '../gate/reply/decision-event.ts';
import { endSessionsOfRemovedUsers } from '../gate/visitor/removed-users.ts';
import { createDecideRequest } from '../gate/admission/decide-request.ts';
import { createLiveSockets, type LiveSockets } from '../gate/websocket/live-sockets.ts';
import { createProxy } from '../gate/proxy/proxy.ts';
import { createRequestIds } from '../gate/request/request-id.ts';
import { type PeerRule, peerOf } from '../gate/request/peer.ts';
import { createTrust } from '../gate/request/trust.ts';
import { createUpgrade } from '../gate/websocket/upgrade.ts';
import { createUpstreams } from '../gate/upstream/upstreams.ts';
import { createVisitors } from '../gate/visitor/visitors.ts';
import { createPortalEndpoint } from '../http/portal-endpoint.ts';
import { joinRooms } from '../http/portal-rooms.ts';
import { createRouter } from '../http/router.ts';
import { createPublicServer } from '../http/server.ts';
import { hashingFor } from '../passwords/origin.ts';
import { createOutbox } from '../mail/outbox.ts';
import { createOutside } from '../outside/outside.ts';
import { createAssets } from '../pages/frame/assets.ts';
import { createPages } from '../pages/pages.ts';
import { createPasskeys } from '../passkeys/passkeys.ts';
import { createPortalApp } from '../portal/portal.ts';

/** What a running gateway is made of. */
export interface GatewayParts {
  readonly live: Live;
  readonly settings: Settings;
  readonly backing: Backing;
  readonly stores: Stores;
  readonly accounts: Accounts;
  readonly signals: SignalSource;
  /** Locations of IP addresses, or null if not configured. */
  readonly atlas: Atlas | null;
  /** Null: no mail. The caller's to close. */
  readonly mailer: Mailer | null;
  readonly directories: readonly Directory[];
  /** The one among them that can be written, or null. */
  readonly users: WritableDirectory | null;
  readonly events: EventSink;
}

/** A gateway that does not listen yet. */
export interface ComposedGateway {
  /** For a listener whose peers are checked by this rule. */
  readonly createServer: (rule: PeerRule) => Server;
  readonly sockets: LiveSockets;
  /** Ends upstream connections and subscriptions; the stores are the caller's to close. */
  readonly close: () => Promise<void>;
}

/** Joins the rooms behind the public listener. */
export function composeGateway(parts: GatewayParts): ComposedGateway {
  const { live, settings, backing, stores: state, events } = parts;
  const clock = systemClock;
  const { vault, tickets, assertions, passwords } = backing;
  const directory = chainDirectories(parts.directories, { passwords, vault, events });
  const { sessions } = state;
  const places = parts.atlas ?? undefined;
  const visitors = createVisitors({
    live,
    sessions,
    directory,
    tickets,
    vault,
    clock,
    events,
    places,
  });
  const assets = createAssets(live);
  const plugins = [...lists.stages, ...lists.policies];
  const pages = createPages(live, assets, [flowTexts, ...plugins.map(({ texts }) => texts)]);
  const trust = createTrust(live);
  const requestIds = createRequestIds(systemRandom);
  const decideRequest = createDecideRequest({ visitors, clock, signals: parts.signals });
  const replies = createReplies({ pages: pages.errors, assertion: assertions.sign });
  const admission = {
    live,
    trust,
    dialect: direct,
    decideRequest,
    replies,
    requestIds,
    clock,
    events,
  };
  const unwatch = endSessionsOfRemovedUsers({ directory, sessions, events });
  const upstreams = createUpstreams();
  const sockets = createLiveSockets({ sessions, directory, clock });
  const check = createCheck({
    live,
    dialects,
    trust,
    decideRequest,
    replies,
    requestIds,
    clock,
    events,
  });
  const proxy = createProxy({
    admit: createAdmit({ ...admission, seesPages: true }),
    replies,
    upstreams,
    clock,
    events,
  });
  const upgrade = createUpgrade({
    admit: createAdmit({ ...admission, seesPages: false }),
    recheck: createAdmit({
      ...admission,
      seesPages: false,
      decideRequest: (s, facts) => decideRequest(s, facts, 'look'),
    }),
    replies,
    upstreams,
    live: sockets,
    clock,
    events,
  });
  const outside = createOutside();
  const templates = settings.mail?.templates ?? {};
  const outbox = createOutbox({ mailer: parts.mailer, templates, live, events });
  const flows = createFlowApp({
    live,
    stores: state,
    visitors,
    vault,
    tickets,
    random: systemRandom,
    clock,
    events,
    directories: directory,
    users: parts.users,
    accounts: parts.accounts,
    outbox,
    hashingFor,
    signals: parts.signals,
    places,
    stages: lists.stages,
    ports: {
      directories: directory,
      passwords: backing.passwords,
      sessions,
      accounts: parts.accounts,
      passkeys: createPasskeys(),
      marks: state.marks,
      random: systemRandom,
      vault,
      outside,
    },
    pages,
    ...(settings.throttle === null
      ? {}
      : { rules: { ...DEFAULT_RULES, account: settings.throttle } }),
  });
  const portal = createPortalApp({
    live,
    visitors,
    clock,
    signals: parts.signals,
    pages,
    assets,
    jwks: JSON.stringify(assertions.jwks),
  });
  const rooms = joinRooms([
    { path: '/flow/', app: flows.fetch },
    { path: '/api/', app: flows.fetch },
    { path: '/', app: portal.fetch },
  ]);
  const router = createRouter({
    current: (): Snapshot => live.current,
    check: check.handle,
    portal: createPortalEndpoint({
      handler: rooms,
      live,
      trust,
      dialect: direct,
      replies,
      requestIds,
      events,
    }),
    proxy: proxy.handle,
    upgrade: upgrade.handle,
    refused(request, { status, code }) {
      const requestId = requestIds(null, false);
      const { address: clientIp } = peerOf(request.socket);
      const seen = { method: request.method ?? '', clientIp, facts: null };
      const handled = { requestId, dialect: direct.name, status, ms: 0 };
      events.emit(undecidedEvent(handled, 'deny', code, seen));
      return requestId;
    },
  });
  return {
    createServer: (rule) => createPublicServer(router, rule),
    sockets,
    async close() {
      visitors.close();
      unwatch();
      await outbox.close();
      await outside.close();
      await upstreams.close();
    },
  };
}

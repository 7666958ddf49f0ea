/** The hot path, joined: checks, proxied requests and websockets. */
import { upstreamsOf } from '../../core/routes/upstream.ts';
import { dialects, direct, envoyGrpc } from '../../dialects/index.ts';
import { createAdmit } from '../../gate/admission/admission.ts';
import { createDecideRequest, type DecideRequest } from '../../gate/admission/decide-request.ts';
import { endingSessions } from '../../gate/admission/ending-sessions.ts';
import { createCheck } from '../../gate/check/check.ts';
import { createOwnPaths } from '../../gate/own-paths/own-paths.ts';
import { createProxy } from '../../gate/proxy/proxy.ts';
import { createKeepUnsent } from '../../gate/unsent/keep-unsent.ts';
import { createUpstreams } from '../../gate/upstream/upstreams.ts';
import { createLiveSockets } from '../../gate/websocket/live-sockets.ts';
import { createUpgrade } from '../../gate/websocket/upgrade.ts';
import { systemRandom } from '../backing/adapters.ts';
import type { CommonParts, GatewayParts } from './gateway-parts.ts';

/** Joins the rooms of the hot path. */
export function composeGate(parts: GatewayParts, common: CommonParts) {
  const { live, events, signals, backing, stores, accounts } = parts;
  const { visitors, clock, trust, requestIds, replies, sessions, directory } = common;
  const { tickets } = backing;
  const decideRequest = endingSessions({
    decideRequest: createDecideRequest({ visitors: visitors.apps, clock, signals }),
    sessions,
    events,
  });
  const look: DecideRequest = (snapshot, facts) => decideRequest(snapshot, facts, 'look');
  const ownPaths = composeOwnPaths(parts, common, look);
  const shared = { live, trust, decideRequest, replies, requestIds, clock, events };
  const asked = { ...shared, ownPaths: ownPaths.asked };
  const admission = { ...shared, ownPaths: ownPaths.proxied, dialect: direct };
  const upstreams = createUpstreams({ events });
  const keepUpstreams = (): void => upstreams.keep(upstreamsOf(live.current.table));
  keepUpstreams();
  const sockets = createLiveSockets({ sessions, directory, tokens: accounts, clock });
  return {
    sockets,
    check: createCheck({ ...asked, dialects }),
    // A check of its own: no HTTP path leads to its dialect.
    grpcCheck: createCheck({ ...asked, dialects: [...dialects, envoyGrpc] }),
    proxy: createProxy({
      admit: createAdmit({ ...admission, seesPages: true }),
      keepUnsent: createKeepUnsent({ ...stores, tickets, random: systemRandom, clock, events }),
      replies,
      upstreams,
      clock,
      events,
    }),
    upgrade: createUpgrade({
      admit: createAdmit({ ...admission, seesPages: false }),
      recheck: createAdmit({ ...admission, seesPages: false, decideRequest: look }),
      replies,
      upstreams,
      live: sockets,
      clock,
      events,
    }),
    /** Call it after the configuration was reloaded. */
    reconfigured() {
      keepUpstreams();
      sockets.recheckAll();
    },
    members: () => upstreams.members(),
    close: () => upstreams.close(),
  };
}

/** Our own paths: for proxies that ask, and for proxied requests, whose forms we see. */
function composeOwnPaths(
  { backing: { vault, tickets }, stores }: GatewayParts,
  { clock, replies, pages }: CommonParts,
  decide: DecideRequest,
) {
  const { handovers, unsent } = stores;
  const own = { handovers, tickets, vault, random: systemRandom, clock, replies };
  const forms = { unsent, decide, vault, clock, pages: pages.errors, replies };
  return {
    asked: createOwnPaths({ ...own, forms: null }),
    proxied: createOwnPaths({ ...own, forms }),
  };
}

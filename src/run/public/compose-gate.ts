/** The hot path, joined: checks, proxied requests and websockets. */
import { upstreamsOf } from '../../core/routes/upstream.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { dialects, direct, envoyGrpc } from '../../dialects/index.ts';
import { createAdmit } from '../../gate/admission/admission.ts';
import { createDecideRequest } from '../../gate/admission/decide-request.ts';
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
  const { live, events, signals, backing, stores } = parts;
  const { visitors, clock, trust, requestIds, replies, sessions, directory } = common;
  const { vault, tickets } = backing;
  const decideRequest = endingSessions({
    decideRequest: createDecideRequest({ visitors: visitors.apps, clock, signals }),
    sessions,
    events,
  });
  const own = { handovers: stores.handovers, tickets, vault, random: systemRandom, clock, replies };
  const ownPaths = createOwnPaths({ ...own, forms: null });
  const forms = {
    unsent: stores.unsent,
    decide: (snapshot: Snapshot, facts: RequestFacts) => decideRequest(snapshot, facts, 'look'),
    vault,
    clock,
    pages: common.pages.errors,
    replies,
  };
  const shared = { live, trust, decideRequest, ownPaths, replies, requestIds, clock, events };
  const admission = { ...shared, dialect: direct };
  const upstreams = createUpstreams({ events });
  const keepUpstreams = (): void => upstreams.keep(upstreamsOf(live.current.table));
  keepUpstreams();
  const sockets = createLiveSockets({ sessions, directory, clock });
  return {
    sockets,
    check: createCheck({ ...shared, dialects }),
    // A check of its own: no HTTP path leads to its dialect.
    grpcCheck: createCheck({ ...shared, dialects: [...dialects, envoyGrpc] }),
    proxy: createProxy({
      admit: createAdmit({
        ...admission,
        ownPaths: createOwnPaths({ ...own, forms }),
        seesPages: true,
      }),
      keepUnsent: createKeepUnsent({ ...own, ...stores, events }),
      replies,
      upstreams,
      clock,
      events,
    }),
    upgrade: createUpgrade({
      admit: createAdmit({ ...admission, seesPages: false }),
      recheck: createAdmit({
        ...admission,
        seesPages: false,
        decideRequest: (snapshot, facts) => decideRequest(snapshot, facts, 'look'),
      }),
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

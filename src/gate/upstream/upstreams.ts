/**
 * Connections to the apps behind the gateway: one pool for each app, no pipelining, no redirects, no
 * decoding. A socket is reused only after both sides have finished (undici sees to it); what an app
 * sends unasked destroys its socket and reaches no client. How much each visitor may use: shares.ts.
 */
import { Pool } from 'undici';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import { type Dispatch, exchange, type Pooled, poolOptions } from './dispatch.ts';
import type { Listener, Sending, UpstreamRequest } from './exchange.ts';
import { createShares, type NoSlot } from './shares.ts';
import { type Target, targetOf } from './target.ts';
import { upstreamBusy, upstreamShare } from './upstream-problem.ts';
import { sendWithTrailers } from './upstream-trailers.ts';

/** The upstreams. */
export interface Upstreams {
  /** The member of a group for the next request. */
  choose(group: UpstreamGroup): Target;
  /** Whether a target is a member of a group. */
  serves(group: UpstreamGroup, target: Target): boolean;
  /** Sends; the listener hears everything that happens. */
  send(request: UpstreamRequest, listener: Listener): Sending;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Bounds that replace the configured ones, for each app. */
export interface UpstreamLimits {
  readonly connections?: number;
  /** Requests that may wait for their turn; at least 1024 by default. */
  readonly waiting?: number;
}

/** Requests to one app that may wait for their turn, where connections are few. */
const LEAST_WAITING = 1024;

const NOT_SENT: Sending = { isWaiting: () => false, cancel: () => undefined };

/** Pools are made when first needed. */
export function createUpstreams(limits: UpstreamLimits = {}): Upstreams {
  const pools = createPools(limits);
  const targets = new WeakMap<UpstreamGroup, readonly Target[]>();

  const targetsOf = (group: UpstreamGroup): readonly Target[] => {
    let members = targets.get(group);
    if (members === undefined) {
      members = group.urls.map((url) => targetOf(url, group));
      targets.set(group, members);
    }
    return members;
  };

  return {
    choose(group) {
      const [first] = targetsOf(group);
      if (first === undefined) throw new TypeError('a group has a member');
      return first;
    },
    serves: (group, { key }) => targetsOf(group).some((target) => target.key === key),
    send(request, listener) {
      const pooled = pools.of(request);
      const { shares } = pooled;
      const isUpload = request.body !== null;
      const slot = shares.enter(request.holder, { isUpload, start: () => start() });
      if (typeof slot === 'string') {
        listener.fault(noSlot(slot));
        return NOT_SENT;
      }
      const start = (): void => {
        const dispatch: Dispatch = { pooled, request, slot, listener };
        request.body?.once('end', () => shares.uploaded(slot));
        if (request.trailers === null) exchange(dispatch);
        else sendWithTrailers(request, request.trailers, counting(dispatch));
      };
      if (slot.state === 'pending') start();
      return {
        isWaiting: () => slot.state === 'waiting',
        cancel: () => {
          if (slot.state === 'waiting') shares.leave(slot);
        },
      };
    },
    close: () => pools.close(),
  };
}

/** Pools by app and number of connections. */
function createPools(limits: UpstreamLimits) {
  const pools = new Map<string, Pooled>();
  return {
    of({ target, group }: UpstreamRequest): Pooled {
      const connections = limits.connections ?? group.connections;
      const key = `${connections} ${target.key}`;
      let pooled = pools.get(key);
      if (pooled === undefined) {
        const waiting = limits.waiting ?? Math.max(LEAST_WAITING, connections);
        const shares = createShares({ connections, waiting });
        const pool = new Pool(target.origin, { ...poolOptions(target), connections: null });
        pooled = { pool, shares, fresh: new Set(), target };
        pools.set(key, pooled);
      }
      return pooled;
    },
    async close(): Promise<void> {
      const all = [...pools.values()].flatMap(({ pool, fresh }) => [pool, ...fresh]);
      pools.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function noSlot(reason: NoSlot): Error {
  return reason === 'share' ? upstreamShare() : upstreamBusy();
}

/** The listener, with the slot given back as the exchange proceeds. */
function counting({ listener, pooled: { shares }, slot }: Dispatch): Listener {
  return {
    started: (steering) => listener.started(steering),
    head(status, reason, raw) {
      if (status >= 200) shares.begin(slot);
      listener.head(status, reason, raw);
    },
    data: (chunk) => listener.data(chunk),
    end(trailers) {
      shares.leave(slot);
      listener.end(trailers);
    },
    fault(error) {
      shares.leave(slot);
      listener.fault(error);
    },
  };
}

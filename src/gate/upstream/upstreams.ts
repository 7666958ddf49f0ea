/**
 * Connects to the apps behind the gateway: one pool for each member of an upstream, no pipelining, no
 * redirects, no decoding. A socket is reused only after both sides have finished (undici sees to it);
 * what an app sends unasked destroys its socket and reaches no client. How much each visitor may use:
 * shares.ts.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Holder } from '../visitor/holder.ts';
import { type Exchange, exchange } from './attempts.ts';
import { type Connection, connectToOne } from './connection.ts';
import type { Listener, Sending, SentTo, UpstreamRequest } from './exchange.ts';
import { createGroups, type GroupOptions } from './groups.ts';
import type { NoSlot } from '../shares/shares.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { upstreamBusy, upstreamShare } from './upstream-problem.ts';

/** The upstreams. */
export interface Upstreams {
  /** Sends to a member of the request's group; the listener hears everything that happens. */
  send(request: UpstreamRequest, listener: Listener): Sending;
  /** A connection to a member of a group, for a websocket. Rejects if none can be reached. */
  connect(group: UpstreamGroup, holder: Holder): Promise<Connection>;
  /** These are in force: members are checked, and what is no longer needed ends. */
  keep(groups: Iterable<UpstreamGroup>): void;
  /** The members of groups that have several or health checks, and whether each is in rotation. */
  members(): readonly { readonly url: string; readonly isIn: boolean }[];
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** What upstreams are made of. */
export interface UpstreamsOptions extends Partial<Omit<GroupOptions, 'changed'>> {
  readonly events: EventSink;
}

const NOWHERE: SentTo = { member: null, retries: 0 };

const NOT_SENT: Sending = {
  isWaiting: () => false,
  cancel: () => undefined,
  course: () => NOWHERE,
};

/** Connections are made when first needed. */
export function createUpstreams({ events, ...options }: UpstreamsOptions): Upstreams {
  const groups = createGroups({
    limits: options.limits ?? {},
    now: options.now ?? (() => performance.now()),
    chance: options.chance ?? Math.random,
    later: options.later ?? unreferenced,
    changed(member, change, error) {
      const cause = causeOf(error);
      const event = { type: 'member', member, change } as const;
      events.emit(cause === null ? event : { ...event, cause });
    },
  });

  return {
    send(request, listener) {
      const group = groups.of(request.group);
      const { shares } = group;
      let sent: Exchange | null = null;
      const start = (): void => {
        request.body?.once('end', () => shares.uploaded(slot));
        sent = exchange({ group, request, slot, listener });
      };
      const isUpload = request.body !== null;
      const entered = shares.enter(request.holder, { isUpload, start: () => start() });
      if (typeof entered === 'string') {
        listener.fault(noSlot(entered));
        return NOT_SENT;
      }
      const slot = entered;
      if (slot.state === 'pending') start();
      return {
        isWaiting: () => slot.state === 'waiting',
        cancel() {
          if (slot.state === 'waiting') shares.leave(slot);
          else sent?.cancel();
        },
        course: () => sent?.course() ?? NOWHERE,
      };
    },
    connect: (group, holder) => connectToOne(groups.of(group), holder),
    keep: (all) => groups.keep(all),
    members: () =>
      groups.watched().map(({ url, standing }) => ({ url, isIn: standing.rank() === 0 })),
    close: () => groups.close(),
  };
}

function noSlot(reason: NoSlot): Error {
  return reason === 'share' ? upstreamShare() : upstreamBusy();
}

function unreferenced(milliseconds: number, task: () => void): () => void {
  const timer = setTimeout(task, milliseconds).unref();
  return () => clearTimeout(timer);
}

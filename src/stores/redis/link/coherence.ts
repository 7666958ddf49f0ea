/**
 * Proves that changes are heard. A connection of its own receives every session key that any client
 * writes or deletes, or that is evicted or expires (CLIENT TRACKING in broadcast mode). A heartbeat
 * written through the data connection and heard here proves that both connections are alive and lead to
 * the same server.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { ChangeListener } from '../../../core/people/session-store.ts';
import { type Belief, createBelief } from './belief.ts';
import { cleanCause, type Links } from './connect.ts';
import type { Heartbeat } from './heartbeat.ts';
import { backoff, type RedisTiming } from './timing.ts';
import { createWaiting, type Waiting } from './waiting.ts';

/** Changes of sessions. */
export interface Coherence {
  announce(id: string | null): void;
  watch(listener: ChangeListener): () => void;
  isCoherent(): boolean;
  stop(): void;
}

/** What it needs. */
export interface CoherenceDeps {
  readonly links: Pick<Links, 'openWatch'>;
  readonly heartbeat: Heartbeat;
  readonly prefix: string;
  readonly timing: RedisTiming;
  /** Unique to this process. */
  readonly instance: string;
  /** Called once when belief is lost, and at the first failed attempt to hear again after a success. */
  readonly onLost: (cause: Error) => void;
}

const CHANNEL = '__redis__:invalidate';

/** Starts listening; resolves when the first heartbeat came back, or failed to. */
export async function openCoherence(deps: CoherenceDeps): Promise<Coherence> {
  const { heartbeat, timing, onLost } = deps;
  const belief = createBelief(timing.silence, () => heartbeat.isFresh());
  const first = Promise.withResolvers<void>();
  let isReported = false;
  const ears = createEars(deps, belief, ({ isRegained }) => {
    if (isRegained) isReported = false;
    first.resolve();
  });

  async function keepListening(): Promise<void> {
    for (let attempt = 1; !ears.isStopped(); attempt++) {
      const before = belief.provedAt();
      try {
        await ears.listen();
      } catch (caught) {
        belief.lose();
        if (belief.provedAt() !== before) attempt = 1;
        if (!isReported && !ears.isStopped()) onLost(cleanCause(caught));
        isReported = true;
        first.resolve();
      }
      const pause = backoff(timing, attempt, Math.random);
      if (!ears.isStopped()) await delay(pause, undefined, { ref: false });
    }
  }

  void keepListening();
  await first.promise;
  return {
    announce: (id) => belief.announce(id),
    watch: (listener) => belief.watch(listener),
    isCoherent: () => belief.isCoherent(),
    stop() {
      ears.stop();
      belief.lose();
    },
  };
}

/** One connection after another that hears of changes; `onProof` is called at each heartbeat that came back. */
function createEars(
  deps: CoherenceDeps,
  belief: Belief,
  onProof: (proof: { readonly isRegained: boolean }) => void,
) {
  const { links, prefix, timing } = deps;
  const sessionPrefix = `${prefix}session:`;
  const waiting = createWaiting();
  const echo = createEcho(deps, waiting);
  const end = { isWanted: false };

  function onKeys(_channel: Buffer, keys: unknown): void {
    // FLUSHALL and FLUSHDB send no keys at all.
    if (!Array.isArray(keys)) return belief.announce(null);
    for (const raw of keys) {
      const key = String(raw);
      if (key.startsWith(sessionPrefix)) belief.announce(key.slice(sessionPrefix.length));
      else echo.hear(key);
    }
  }
  async function arm(watch: Redis): Promise<void> {
    await watch.connect();
    watch.on('messageBuffer', onKeys);
    const id = String(await watch.client('ID'));
    const prefixes = ['PREFIX', sessionPrefix, 'PREFIX', echo.prefix];
    await watch.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes);
    await watch.subscribe(CHANNEL);
  }
  return {
    /** Listens until something fails, or `stop` is called. */
    async listen(): Promise<void> {
      const watch = await links.openWatch();
      const state = { isOpen: true };
      watch.once('close', () => {
        state.isOpen = false;
        belief.lose();
        waiting.interrupt(new Error('the invalidation connection closed'));
      });
      try {
        await arm(watch);
        while (state.isOpen && !end.isWanted) {
          onProof({ isRegained: belief.prove(await echo.beat()) });
          await waiting.pause(timing.beat);
        }
      } finally {
        watch.disconnect();
      }
    },
    isStopped: () => end.isWanted,
    stop() {
      end.isWanted = true;
      waiting.interrupt(new Error('stopped'));
    },
  };
}

/** Heartbeats through the data connection that the invalidation connection is to hear. */
function createEcho({ heartbeat, prefix, timing, instance }: CoherenceDeps, waiting: Waiting) {
  const beatPrefix = `${prefix}beat:${instance}:`;
  let count = 0;
  /** The last key that a beat stored: a full server accepts no other. */
  let stored = '';
  let heard: () => void = ignore;

  async function send(key: string): Promise<void> {
    if ((await heartbeat.beat(key, stored || key)) === 'stored') stored = key;
  }
  return {
    prefix: beatPrefix,
    /** A key that was written; counts if it is that of the beat under way. */
    hear(key: string): void {
      if (key === beatPrefix + count || key === stored) heard();
    },
    /** Resolves once the beat is heard, with the time at which it was sent. */
    async beat(): Promise<number> {
      count++;
      const sentAt = performance.now();
      const late = new Error('the heartbeat did not come back');
      await waiting.demand(timing.silence, late, (done, fail) => {
        heard = done;
        send(beatPrefix + count).catch(fail);
      });
      return sentAt;
    },
  };
}

function ignore(): void {}

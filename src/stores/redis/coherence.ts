/**
 * Whether what is remembered may be believed, and who must forget what. A connection of its own
 * hears of every session key that is written, deleted, evicted or expired by anybody (CLIENT
 * TRACKING in broadcast mode); a heartbeat written through the data connection and heard back here
 * proves that both are alive and speak to the same server. No proof, no belief.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { ChangeListener } from '../../core/people/session-store.ts';
import { cleanCause, type Links } from './connect.ts';
import type { Heartbeat } from './heartbeat.ts';
import { backoff, type RedisTiming } from './timing.ts';

/** News of the sessions. */
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
  /** Told once when belief is lost, and at each failed attempt after a success. */
  readonly onLost: (cause: Error) => void;
}

const CHANNEL = '__redis__:invalidate';

/** Starts hearing; resolves when the first heartbeat came back, or failed to. */
export async function openCoherence(deps: CoherenceDeps): Promise<Coherence> {
  const { links, heartbeat, prefix, timing, instance, onLost } = deps;
  const listeners = new Set<ChangeListener>();
  const sessionPrefix = `${prefix}session:`;
  const beatPrefix = `${prefix}beat:${instance}:`;
  const first = Promise.withResolvers<void>();
  const end = { isWanted: false };
  let live = false;
  let isTold = false;
  let provedAt = Number.NEGATIVE_INFINITY;
  let beat = 0;
  /** The last key that a beat stored: a full server takes no other. */
  let stored = '';
  let heard: () => void = ignore;
  /** Ends what is being waited for: the connection closed, or we stop. */
  let interrupt: (cause: unknown) => void = ignore;

  function announce(id: string | null): void {
    for (const listener of listeners) listener(id);
  }
  function lose(): void {
    if (!live) return;
    live = false;
    announce(null);
  }
  function prove(sentAt: number): void {
    provedAt = sentAt;
    first.resolve();
    if (live) return;
    // Whatever changed while nobody listened: forget all before anything is believed again.
    announce(null);
    live = true;
    isTold = false;
  }
  function onKeys(_channel: Buffer, keys: unknown): void {
    // FLUSHALL and FLUSHDB send no keys at all.
    if (!Array.isArray(keys)) return announce(null);
    for (const raw of keys) {
      const key = String(raw);
      if (key.startsWith(sessionPrefix)) announce(key.slice(sessionPrefix.length));
      else if (key === beatPrefix + beat || key === stored) heard();
    }
  }
  /** Waits for `done` to be called; after `ms` the wait ends by itself, well or badly. */
  async function wait(ms: number, late: Error | null, begin: (done: () => void) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    interrupt = reject;
    const timer = setTimeout(() => (late === null ? resolve() : reject(late)), ms);
    timer.unref();
    begin(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      interrupt = ignore;
    }
  }
  async function arm(watch: Redis): Promise<void> {
    await watch.connect();
    watch.on('messageBuffer', onKeys);
    const id = String(await watch.client('ID'));
    const prefixes = ['PREFIX', sessionPrefix, 'PREFIX', beatPrefix];
    await watch.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', ...prefixes);
    await watch.subscribe(CHANNEL);
  }
  async function send(key: string): Promise<void> {
    if ((await heartbeat.beat(key, stored || key)) === 'stored') stored = key;
  }
  async function beatOnce(): Promise<void> {
    beat++;
    const sentAt = performance.now();
    await wait(timing.silence, new Error('the heartbeat did not come back'), (done) => {
      heard = done;
      send(beatPrefix + beat).catch(interrupt);
    });
    prove(sentAt);
  }
  /** Listens until something fails. */
  async function listen(): Promise<void> {
    const watch = await links.openWatch();
    const state = { isOpen: true };
    watch.once('close', () => {
      state.isOpen = false;
      lose();
      interrupt(new Error('the invalidation connection closed'));
    });
    try {
      await arm(watch);
      while (state.isOpen && !end.isWanted) {
        await beatOnce();
        await wait(timing.beat, null, ignore);
      }
    } finally {
      watch.disconnect();
    }
  }
  async function keepListening(): Promise<void> {
    for (let attempt = 1; !end.isWanted; attempt++) {
      const before = provedAt;
      try {
        await listen();
      } catch (caught) {
        lose();
        if (provedAt !== before) attempt = 1;
        if (!isTold && !end.isWanted) onLost(cleanCause(caught));
        isTold = true;
        first.resolve();
      }
      if (!end.isWanted)
        await delay(backoff(timing, attempt, Math.random), undefined, { ref: false });
    }
  }

  void keepListening();
  await first.promise;
  return {
    announce,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCoherent() {
      // Judged by the clock at each question, so that a process that was stopped itself knows when it wakes.
      const isOld = performance.now() - provedAt >= timing.silence;
      if (live && (isOld || !heartbeat.isFresh())) lose();
      return live;
    },
    stop() {
      end.isWanted = true;
      lose();
      interrupt(new Error('stopped'));
    },
  };
}

function ignore(): void {}

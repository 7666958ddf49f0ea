/** Whether cached sessions may be believed right now, and who is notified of changes. Without proof they may not. */
import type { ChangeListener } from '../../../core/people/session-store.ts';

/** The belief of one process. */
export interface Belief {
  /** Calls the listeners; null: anything may have changed. */
  announce(id: string | null): void;
  watch(listener: ChangeListener): () => void;
  /** A heartbeat sent at this time came back; true if it ends a time without belief. */
  prove(sentAt: number): boolean;
  /** Nothing is believed until the next proof. */
  lose(): void;
  /** When the last heartbeat that came back was sent. */
  provedAt(): number;
  isCoherent(): boolean;
}

/** Times are those of `performance.now()`. `silence`: how long one proof counts, in milliseconds. */
export function createBelief(silence: number, isServerFresh: () => boolean): Belief {
  const listeners = new Set<ChangeListener>();
  let isLive = false;
  let provedAt = Number.NEGATIVE_INFINITY;

  function announce(id: string | null): void {
    for (const listener of listeners) listener(id);
  }
  function lose(): void {
    if (!isLive) return;
    isLive = false;
    announce(null);
  }
  return {
    announce,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    prove(sentAt) {
      provedAt = sentAt;
      if (isLive) return false;
      // Changes may have been missed: forget everything before anything is believed again.
      announce(null);
      isLive = true;
      return true;
    },
    lose,
    provedAt: () => provedAt,
    isCoherent() {
      // Checked by the clock at each call, so that a process that was suspended knows it when it wakes.
      const isOld = performance.now() - provedAt >= silence;
      if (isLive && (isOld || !isServerFresh())) lose();
      return isLive;
    },
  };
}

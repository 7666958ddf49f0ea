/**
 * Holds the snapshot in force and swaps it whole when the configuration changes. A faulty
 * configuration changes nothing: the old snapshot stays and the faults are told.
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import type { Fault } from './faults/fault.ts';
import { hasChanged, type Seen } from './parse/fingerprint.ts';
import type { Loaded } from './load.ts';
import { changedSettings, type Settings } from './settings/settings.ts';
import { emptySource } from './faults/source.ts';

/** What a reload came to. */
export type ReloadOutcome =
  | {
      readonly ok: true;
      readonly snapshot: Snapshot;
      /** Options that differ from what the process was started with: they wait for a restart. */
      readonly needsRestart: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Runs something later; gives back how to call it off. Must not keep the process alive. */
export type Later = (milliseconds: number, task: () => void) => () => void;

/** What a reload needs. */
export interface ReloadOptions {
  /** What the process was started with. */
  readonly first: Extract<Loaded, { ok: true }>;
  readonly load: () => Promise<Loaded>;
  /** Told after each attempt, whoever asked for it. Must not throw. */
  readonly onReload: (outcome: ReloadOutcome) => void;
  /** Whether to look at the files at all; false: only `reload` loads. Default true. */
  readonly watches?: boolean;
  /** Milliseconds between two looks at the files; 5000. */
  readonly pollEvery?: number;
  /** Milliseconds that files must be quiet after a change before they are read; 100. */
  readonly settle?: number;
  readonly later?: Later;
}

/** The configuration in force. */
export interface Reload {
  /** Swapped whole; read it once a request. */
  readonly live: Live;
  /** Loads anew, whether or not anything changed: for SIGHUP. */
  reload(): Promise<ReloadOutcome>;
  /** Loads anew if a file changed; null when none did. */
  check(): Promise<ReloadOutcome | null>;
  close(): void;
}

/** Begins to watch. */
export function watchConfiguration(options: ReloadOptions): Reload {
  const { load, onReload, first, pollEvery = 5_000, settle = 100, later = unreferenced } = options;
  const watches = options.watches ?? true;
  const live: { current: Snapshot } = { current: first.snapshot };
  const settings: Settings = first.settings;
  let seen: readonly Seen[] = first.seen;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting: Promise<ReloadOutcome> | null = null;
  let isClosed = false;
  let callOffCheck = nothing;
  let callOffPoll = nothing;
  const watchers = new Map<string, FSWatcher>();

  /** One after the other: two loads at once could end in the wrong order. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = queue.then(task);
    // Whoever asked hears of a failure; the next in the queue does not.
    queue = turn.catch(() => null);
    return turn;
  };
  const loadNow = async (): Promise<ReloadOutcome> => {
    const loaded = await attempt(load);
    seen = loaded.ok ? loaded.seen : known(loaded.seen, seen);
    if (isClosed) return { ok: true, snapshot: live.current, needsRestart: [] };
    if (watches) watchDirectories();
    if (loaded.ok) live.current = loaded.snapshot;
    const outcome: ReloadOutcome = loaded.ok
      ? {
          ok: true,
          snapshot: loaded.snapshot,
          needsRestart: changedSettings(settings, loaded.settings),
        }
      : { ok: false, faults: loaded.faults };
    onReload(outcome);
    return outcome;
  };
  /** Requests that come before a waiting load begins are met by that one. */
  const reload = (): Promise<ReloadOutcome> =>
    (waiting ??= inTurn(() => {
      waiting = null;
      return loadNow();
    }));
  const check = (): Promise<ReloadOutcome | null> =>
    inTurn(async () => (!isClosed && (await hasChanged(seen)) ? loadNow() : null));
  const checkLater = (): void => {
    callOffCheck();
    callOffCheck = later(settle, () => void check());
  };
  const poll = (): void => {
    callOffPoll = later(pollEvery, () => void check().finally(() => isClosed || poll()));
  };

  function watchDirectories(): void {
    const wanted = new Set(
      seen.map((one) => (one.maxBytes === null ? one.path : dirname(one.path))),
    );
    for (const [path, watcher] of watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      watchers.delete(path);
    }
    for (const path of wanted) {
      if (watchers.has(path)) continue;
      try {
        const watcher = watch(path, { persistent: false }, checkLater);
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(path);
        });
        watchers.set(path, watcher);
      } catch {
        // Named fallback: the poll. A directory may be gone, or the system out of watches.
      }
    }
  }

  if (watches) {
    watchDirectories();
    poll();
  }
  return {
    live,
    reload,
    check,
    close() {
      isClosed = true;
      callOffCheck();
      callOffPoll();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function nothing(): void {}

/** A load that fails for no fault of the operator's still leaves the old snapshot in force. */
async function attempt(load: ReloadOptions['load']): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    // Named fallback: one fault, told like the others.
    const message = `could not be loaded: ${error instanceof Error ? error.message : 'unknown'}`;
    return { ok: false, faults: [emptySource('configuration').fault([], message)], seen: [] };
  }
}

/** After a failed load, what it did not come to look at stays watched. */
function known(now: readonly Seen[], before: readonly Seen[]): readonly Seen[] {
  const paths = new Set(now.map((one) => one.path));
  return [...now, ...before.filter((one) => !paths.has(one.path))];
}

function unreferenced(milliseconds: number, task: () => void): () => void {
  const timer = setTimeout(task, milliseconds).unref();
  return () => clearTimeout(timer);
}

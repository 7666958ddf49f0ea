/**
 * Holds the current snapshot and replaces it whole when the configuration changes. A faulty
 * configuration changes nothing: the old snapshot stays, and the faults are reported.
 */
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import type { Fault } from './faults/fault.ts';
import { hasChanged, type Seen, seenNow } from './parse/fingerprint.ts';
import type { Loaded } from './load.ts';
import { changedSettings, type Settings } from './settings/settings.ts';
import { emptySource } from './faults/source.ts';
import { watchFiles } from './watched-files.ts';

/** The result of a reload. */
export type ReloadOutcome =
  | {
      readonly ok: true;
      readonly snapshot: Snapshot;
      /** Options that differ from the start of the process and need a restart. */
      readonly needsRestart: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Runs a task later; returns a function that cancels it. Must not keep the process alive. */
export type Later = (milliseconds: number, task: () => void) => () => void;

/** What a reload needs. */
export interface ReloadOptions {
  /** The configuration that the process started with. */
  readonly first: Extract<Loaded, { ok: true }>;
  readonly load: () => Promise<Loaded>;
  /** Called after each attempt. Must not throw. */
  readonly onReload: (outcome: ReloadOutcome) => void;
  /** Whether to watch the files; false: only `reload` loads. Default: true. */
  readonly watches?: boolean;
  /** Milliseconds between two checks of the files. Default: 5000. */
  readonly pollEvery?: number;
  /** Milliseconds without a change before the files are read. Default: 100. */
  readonly settle?: number;
  readonly later?: Later;
}

/** The current configuration. */
export interface Reload {
  /** Replaced whole; read it once for each request. */
  readonly live: Live;
  /** Loads again, whether or not a file changed: for SIGHUP. */
  reload(): Promise<ReloadOutcome>;
  /** Loads again if a file changed; null if none did. */
  check(): Promise<ReloadOutcome | null>;
  close(): void;
}

/** Starts to watch. */
export function watchConfiguration(options: ReloadOptions): Reload {
  const { load, onReload, first, pollEvery = 5_000, settle = 100, later = unreferenced } = options;
  const watches = options.watches ?? true;
  const live: { current: Snapshot } = { current: first.snapshot };
  const settings: Settings = first.settings;
  let seen: readonly Seen[] = first.seen;
  let waiting: Promise<ReloadOutcome> | null = null;
  let isClosed = false;
  let cancelCheck = nothing;
  let cancelPoll = nothing;
  const turns = createTurns();
  const loadNow = async (): Promise<ReloadOutcome> => {
    const loaded = await loadWhole(load);
    seen = loaded.ok ? loaded.seen : await known(loaded.seen, seen);
    if (isClosed) return { ok: true, snapshot: live.current, needsRestart: [] };
    if (watches) watched.follow(seen);
    if (loaded.ok) live.current = loaded.snapshot;
    const outcome = outcomeOf(loaded, settings);
    onReload(outcome);
    return outcome;
  };
  /** Calls that arrive while a load waits share that load. */
  const reload = (): Promise<ReloadOutcome> =>
    (waiting ??= turns.take(() => {
      waiting = null;
      return loadNow();
    }));
  const check = (): Promise<ReloadOutcome | null> =>
    turns.take(async () => (!isClosed && (await hasChanged(seen)) ? loadNow() : null));
  const checkLater = (): void => {
    cancelCheck();
    cancelCheck = later(settle, () => void check());
  };
  const watched = watchFiles(checkLater);
  const poll = (): void => {
    cancelPoll = later(pollEvery, () => {
      // Settles first, like a change that was noticed: a file may be half written.
      checkLater();
      // After the checks before it, which must not pile up on a slow disk.
      void turns.done().finally(() => isClosed || poll());
    });
  };

  if (watches) {
    watched.follow(seen);
    poll();
  }
  return {
    live,
    reload,
    check,
    close() {
      isClosed = true;
      cancelCheck();
      cancelPoll();
      watched.close();
    },
  };
}

function nothing(): void {}

/** Runs one task after another: two loads at once could end in the wrong order. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take<T>(task: () => Promise<T>): Promise<T> {
      const turn = last.then(task);
      // The caller sees a rejection; the next task does not.
      last = turn.catch(() => null);
      return turn;
    },
    /** Resolves after the tasks so far. */
    done: () => last,
  };
}

function outcomeOf(loaded: Loaded, settings: Settings): ReloadOutcome {
  if (!loaded.ok) return { ok: false, faults: loaded.faults };
  const needsRestart = changedSettings(settings, loaded.settings);
  return { ok: true, snapshot: loaded.snapshot, needsRestart };
}

/** How often files that change while they are read are read again at once. */
const ATTEMPTS = 3;

/**
 * A load of files that did not change meanwhile. Old files beside new ones would be a configuration
 * that was never written: a route could be missing from it, or a policy.
 */
async function loadWhole(load: ReloadOptions['load']): Promise<Loaded> {
  for (let left = ATTEMPTS; ; left -= 1) {
    const loaded = await attempt(load);
    if (!(await hasChanged(loaded.seen))) return loaded;
    if (left > 1) continue;
    const message = 'its files kept changing while they were read';
    return { ok: false, faults: [faultOf(message)], seen: loaded.seen };
  }
}

/** A load that throws becomes a fault, so the old snapshot stays. */
async function attempt(load: ReloadOptions['load']): Promise<Loaded> {
  try {
    return await load();
  } catch (error) {
    // Named fallback: a fault, reported like the others.
    const message = `could not be loaded: ${error instanceof Error ? error.message : 'unknown'}`;
    return { ok: false, faults: [faultOf(message)], seen: [] };
  }
}

function faultOf(message: string): Fault {
  return emptySource('configuration').fault([], message);
}

/**
 * After a failed load, files that it did not read are still watched, as they are now: what they
 * contain does not repair the others. A load that threw read nothing, and is tried again.
 */
async function known(now: readonly Seen[], before: readonly Seen[]): Promise<readonly Seen[]> {
  if (now.length === 0) return before;
  const paths = new Set(now.map((one) => one.path));
  return [...now, ...(await seenNow(before.filter((one) => !paths.has(one.path))))];
}

function unreferenced(milliseconds: number, task: () => void): () => void {
  const timer = setTimeout(task, milliseconds).unref();
  return () => clearTimeout(timer);
}

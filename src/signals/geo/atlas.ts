/**
 * Combines several databases: each property of an address comes from the first that contains it.
 * Private addresses have no place, whatever a database contains. An unreadable record counts as
 * missing and is reported.
 */
import { LRUCache } from 'lru-cache';
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  networkOf,
  PRIVATE_NETWORKS,
  parseAddress,
} from '../../core/request/address.ts';
import type { Atlas, Place } from '../../core/people/place.ts';
import type { EventSink } from '../../core/access/event.ts';
import { Problem } from '../../core/values/problem.ts';
import { type DatabaseFile, openDatabaseFile } from './database-file.ts';
import { placeIn } from './record.ts';

/** An atlas backed by files. */
export interface OpenAtlas extends Atlas {
  /** Reloads changed files. Never rejects: faults are emitted as events. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Interval between checks of the files, in milliseconds. A change takes effect at the second check.
 */
const LOOK_EVERY = 30_000;
/** Maximum number of cached addresses. */
const MOST_REMEMBERED = 10_000;

/** Besides private and loopback: shared (RFC 6598), link-local, and IPv4 in IPv6 that is not routed. */
const UNPLACED: readonly Network[] = [
  ...PRIVATE_NETWORKS,
  ...LOOPBACK_NETWORKS,
  ...['100.64.0.0/10', '169.254.0.0/16', 'fe80::/10', '::/96'].map(networkOf),
];

/** Opens all files. Rejects with Problem `signal/geo`, which names the file and the remedy. */
export async function openAtlas(
  paths: readonly string[],
  events: EventSink,
  every: number = LOOK_EVERY,
): Promise<OpenAtlas> {
  const files: DatabaseFile[] = [];
  for (const path of paths) {
    files.push(
      await openDatabaseFile(path).catch((cause: unknown) => Promise.reject(unusable(path, cause))),
    );
  }
  const remembered = new LRUCache<string, { readonly place: Place | null }>({
    max: MOST_REMEMBERED,
  });
  const report = (fault: Problem): void => {
    events.emit({ type: 'fault', code: 'signal/geo', requestId: null, cause: fault });
  };

  function placeOf(ip: string): Place | null {
    const known = remembered.get(ip);
    if (known !== undefined) return known.place;
    const place = find(files, ip, report);
    // Longer texts are not addresses and would fill the cache.
    if (ip.length <= 45) remembered.set(ip, { place });
    return place;
  }

  async function refreshNow(): Promise<void> {
    for (const file of files) {
      try {
        if (await file.refresh()) remembered.clear();
      } catch (cause) {
        // Named fallback: the previous database remains in use, and the fault is reported.
        report(unusable(file.path, cause));
      }
    }
  }
  let looking = Promise.resolve();
  const refresh = (): Promise<void> => (looking = looking.then(refreshNow));
  const timer = setInterval(() => void refresh(), every);
  timer.unref();
  return {
    placeOf,
    countryOf: (ip) => placeOf(ip)?.country ?? null,
    refresh,
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Looks the address up in all files; null if none of them knows its place. */
function find(
  files: readonly DatabaseFile[],
  ip: string,
  report: (fault: Problem) => void,
): Place | null {
  const address = parseAddress(ip);
  if (address === null || UNPLACED.some((network) => isIn(network, address))) return null;
  let place: Place = {};
  for (const file of files) {
    try {
      place = joined(place, placeIn(file.database().find(address)));
    } catch (cause) {
      // Named fallback: this file's record of the address counts as missing.
      report(unusable(file.path, cause));
    }
  }
  return Object.keys(place).length === 0 ? null : place;
}

/** Fills missing properties from another place. Coordinates and radius are taken together. */
function joined(known: Place, next: Place): Place {
  if (known.latitude === undefined) return { ...next, ...known };
  const { latitude: _north, longitude: _east, radius: _radius, ...rest } = next;
  return { ...rest, ...known };
}

function unusable(path: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = 'Put an .mmdb file there, or take it out of signals.geo.paths.';
  return new Problem('signal/geo', `The database ${path} cannot be used: ${reason}. ${remedy}`, {
    status: 503,
    cause,
  });
}

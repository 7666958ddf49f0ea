/**
 * One database of places in memory, in the MaxMind DB format 2.0. What is no such file is refused when it
 * is opened; a record that cannot be read costs that lookup, and no lookup walks without end.
 */
import { Reader, type Response } from 'mmdb-lib';
import type { Address } from '../../core/request/address.ts';

/** A database. */
export interface Database {
  /** The record of an address as the file has it, or null. Throws for one that cannot be read. */
  find(address: Address): unknown;
}

/** Begins the metadata, which stand at the end of the file, in its last 128 KiB. */
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const MAX_METADATA = 128 * 1024;
/** Between the search tree and the data. */
const SEPARATOR = 16;
/** Pointers followed in one lookup; large records have some fifty. A circle of them would have no end. */
const MOST_POINTERS = 1_000;

/** Opens the bytes of a file. Throws an Error whose words say what is wrong with it. */
export function openDatabase(bytes: Buffer): Database {
  const end = bytes.lastIndexOf(MARKER);
  if (end < 0 || bytes.length - end > MAX_METADATA + MARKER.length) {
    throw new Error('it is no MaxMind DB file, or not a whole one');
  }
  let followed = 0;
  const counting = {
    get(): undefined {
      followed += 1;
      if (followed > MOST_POINTERS) throw new Error('a record goes round in circles');
    },
    set: () => undefined,
  };
  const reader = new Reader<Response>(bytes, { cache: counting });
  const {
    binaryFormatMajorVersion: version,
    ipVersion,
    nodeCount,
    searchTreeSize,
  } = reader.metadata;
  if (version !== 2) throw new Error(`its format is ${String(version)}.x, and 2.x can be read`);
  const isTree = Number.isSafeInteger(nodeCount) && nodeCount > 0 && [4, 6].includes(ipVersion);
  if (!isTree || searchTreeSize + SEPARATOR > end) throw new Error('its search tree is broken');
  return {
    find(address) {
      // A tree of IPv4 would take the first bits of an IPv6 address for an address of its own.
      if (address.length === 16 && ipVersion === 4) return null;
      followed = 0;
      return reader.get(textOf(address));
    },
  };
}

/** In full, so that no reading of short forms is needed. */
function textOf(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push((((address[i] as number) << 8) | (address[i + 1] as number)).toString(16));
  }
  return groups.join(':');
}

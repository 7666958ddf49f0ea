/**
 * A database of places in memory, in the MaxMind DB format 2.0. Files of another format are refused
 * on opening. An unreadable record fails only its own lookup, and every lookup terminates.
 */
import { Reader, type Response } from 'mmdb-lib';
import type { Address } from '../../core/request/address.ts';

export interface Database {
  /** Returns the record of an address as stored, or null. Throws if it cannot be read. */
  find(address: Address): unknown;
}

/** Marks the start of the metadata, which is within the last 128 KiB of the file. */
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const MAX_METADATA = 128 * 1024;
/** Length of the separator between the search tree and the data. */
const SEPARATOR = 16;
/**
 * Maximum number of pointers followed in one lookup; large records have about fifty. Without a
 * limit, a cycle would never end.
 */
const MOST_POINTERS = 1_000;

/** Opens the bytes of a file. Throws an Error that says what is wrong with it. */
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
      // An IPv4 tree would treat the first bits of an IPv6 address as an IPv4 address.
      if (address.length === 16 && ipVersion === 4) return null;
      followed = 0;
      return reader.get(textOf(address));
    },
  };
}

/** The full form, so the library need not parse abbreviations. */
function textOf(address: Address): string {
  if (address.length === 4) return address.join('.');
  const view = new DataView(address.buffer, address.byteOffset);
  return Array.from({ length: 8 }, (_, group) => view.getUint16(2 * group).toString(16)).join(':');
}

/**
 * Writes small location databases in the MaxMind DB format 2.0
 * (https://maxmind.github.io/MaxMind-DB/): every record is a map, with IPv4 under ::/96 as in the
 * format. Valid ones contain no pointers.
 */
import { parseNetwork } from '../../src/core/request/address.ts';

/**
 * The values of a record: whole numbers are uint32, others doubles. A Pointer refers to the value
 * at its offset.
 */
type MmdbValue = string | number | boolean | Pointer | readonly MmdbValue[] | MmdbMap;
interface MmdbMap {
  readonly [key: string]: MmdbValue;
}

/** For circular data: refers to an offset of the data section. */
export class Pointer {
  readonly offset: number;
  constructor(offset: number) {
    this.offset = offset;
  }
}

/** The kind of the database. */
interface MmdbOptions {
  readonly ipVersion?: 4 | 6;
  readonly recordSize?: 24 | 28 | 32;
  /** Overrides the metadata, for invalid databases. */
  readonly metadata?: Readonly<Record<string, MmdbValue>>;
}

/**
 * A node of the search tree: leads to other nodes, to a record by its offset in the data, or
 * nowhere.
 */
interface Node {
  readonly sides: [Side, Side];
}
type Side = Node | number | null;

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/**
 * The bytes of a database with these `records` of networks; a longer prefix must come after the
 * shorter one.
 */
export function mmdb(
  records: Readonly<Record<string, MmdbMap>>,
  { ipVersion = 6, recordSize = 24, metadata = {} }: MmdbOptions = {},
): Buffer {
  const root: Node = { sides: [null, null] };
  const data: Buffer[] = [];
  let offset = 0;
  for (const [block, record] of Object.entries(records)) {
    insert(root, bitsOf(block, ipVersion), offset);
    const encoded = encode(record);
    data.push(encoded);
    offset += encoded.length;
  }
  const nodes = listed(root);
  const about = {
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_790_000_000,
    database_type: 'Test',
    description: { en: 'Test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: recordSize,
    ...metadata,
  };
  const tree = nodes.map((node) => packed(node, nodes, recordSize));
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, MARKER, encode(about)]);
}

/** The bits of a network's address, as many as its prefix has; those of IPv4 are under ::/96. */
function bitsOf(block: string, ipVersion: 4 | 6): readonly number[] {
  const network = parseNetwork(block);
  if (network === null) throw new Error(`${block} is no network`);
  const bits = [...network.base].flatMap((byte, i) =>
    [7, 6, 5, 4, 3, 2, 1, 0].flatMap((shift) =>
      (((network.mask[i] as number) >> shift) & 1) === 1 ? [(byte >> shift) & 1] : [],
    ),
  );
  const isV4 = network.base.length === 4;
  if (!isV4 && ipVersion === 4) throw new Error(`${block} does not fit into a tree of IPv4`);
  return isV4 && ipVersion === 6 ? [...Array<number>(96).fill(0), ...bits] : bits;
}

function insert(root: Node, bits: readonly number[], record: number): void {
  let node = root;
  for (const [i, bit] of bits.entries()) {
    if (i === bits.length - 1) {
      node.sides[bit as 0 | 1] = record;
      return;
    }
    const below = node.sides[bit as 0 | 1];
    const next: Node =
      below !== null && typeof below === 'object' ? below : { sides: [below, below] };
    node.sides[bit as 0 | 1] = next;
    node = next;
  }
}

/** All nodes, the root first. */
function listed(root: Node): readonly Node[] {
  const nodes = [root];
  for (const node of nodes) {
    for (const side of node.sides) if (side !== null && typeof side === 'object') nodes.push(side);
  }
  return nodes;
}

function packed(node: Node, nodes: readonly Node[], recordSize: 24 | 28 | 32): Buffer {
  const [left, right] = node.sides.map((side) => {
    if (side === null) return nodes.length;
    return typeof side === 'object' ? nodes.indexOf(side) : nodes.length + 16 + side;
  }) as [number, number];
  const bytes = Buffer.alloc(recordSize / 4);
  if (recordSize === 28) {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes.writeUInt8(((left >> 24) << 4) | (right >> 24), 3);
    bytes.writeUIntBE(right & 0xffffff, 4, 3);
  } else {
    bytes.writeUIntBE(left, 0, recordSize / 8);
    bytes.writeUIntBE(right, recordSize / 8, recordSize / 8);
  }
  return bytes;
}

function encode(value: MmdbValue): Buffer {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(2, bytes.length), bytes]);
  }
  if (typeof value === 'boolean') return control(14, value ? 1 : 0);
  if (typeof value === 'number') return encodeNumber(value);
  if (value instanceof Pointer) {
    const bytes = Buffer.alloc(5, (1 << 5) | (3 << 3));
    bytes.writeUInt32BE(value.offset, 1);
    return bytes;
  }
  if (Array.isArray(value)) {
    return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  }
  const entries = Object.entries(value as MmdbMap);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, held]) => [encode(key), encode(held)]),
  ]);
}

function encodeNumber(value: number): Buffer {
  const isWhole = Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
  const bytes = Buffer.alloc(isWhole ? 4 : 8);
  if (isWhole) bytes.writeUInt32BE(value);
  else bytes.writeDoubleBE(value);
  return Buffer.concat([control(isWhole ? 6 : 3, bytes.length), bytes]);
}

/** The control byte: kind and size; kinds above 7 use a second byte. */
function control(kind: number, size: number): Buffer {
  const short = size < 29 ? size : 29;
  const first = ((kind > 7 ? 0 : kind) << 5) | short;
  if (size > 284) throw new Error('longer than a test needs');
  const extended = kind > 7 ? [kind - 7] : [];
  return Buffer.from([first, ...extended, ...(size < 29 ? [] : [size - 29])]);
}

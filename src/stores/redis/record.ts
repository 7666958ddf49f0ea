/**
 * A session as one Redis string: the readable index as a line of JSON, then the sealed bytes. The line
 * starts with the idle time, since the touch script reads only that.
 */
import type { SessionIndex } from '../../core/flow/sealed.ts';

/** A record taken apart. */
export interface SessionRecord {
  readonly index: SessionIndex;
  readonly sealed: Buffer;
}

/** The stored string. */
export function writeRecord(index: SessionIndex, sealed: Uint8Array): Buffer {
  const { idle, userId, createdAt, expiresAt, client } = index;
  const line = JSON.stringify([idle, userId, createdAt, expiresAt, client.ip, client.agent]);
  return Buffer.concat([Buffer.from(`${line}\n`), sealed]);
}

/** Its parts; null for a foreign record. `idlesAt` is its score in the set of all sessions, from which `seenAt` follows. */
export function readRecord(id: string, bytes: Buffer, idlesAt: number): SessionRecord | null {
  const end = bytes.indexOf(0x0a);
  if (end < 0) return null;
  const fields = parseLine(bytes.toString('utf8', 0, end));
  if (fields === null) return null;
  const [idle, userId, createdAt, expiresAt, ip, agent] = fields;
  const seenAt = idlesAt - idle;
  const index = { id, userId, createdAt, seenAt, expiresAt, idle, client: { ip, agent } };
  return { index, sealed: bytes.subarray(end + 1) };
}

type Fields = [number, string, number, number, string, string];
const TYPES = ['number', 'string', 'number', 'number', 'string', 'string'];

function parseLine(line: string): Fields | null {
  try {
    const fields: unknown = JSON.parse(line);
    return isFields(fields) ? fields : null;
  } catch {
    // Named fallback: another program wrote here, so there is no session.
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return (
    Array.isArray(value) &&
    value.length === TYPES.length &&
    value.every((field, i) => typeof field === TYPES[i])
  );
}

/**
 * A session as one Redis string: the clear index as a line of JSON, then the sealed bytes. It begins
 * with the idle time, because the touch script reads that much of it.
 */
import type { SessionIndex } from '../../core/flow/sealed.ts';

/** The stored string. */
export function writeRecord(index: SessionIndex, sealed: Uint8Array): Buffer {
  const { idle, userId, createdAt, expiresAt, client } = index;
  const line = JSON.stringify([idle, userId, createdAt, expiresAt, client.ip, client.agent]);
  return Buffer.concat([Buffer.from(`${line}\n`), sealed]);
}

/** Its parts; null for what we did not write. `seenAt` comes from beside it. */
export function readRecord(
  id: string,
  bytes: Buffer,
  idlesAt: number,
): { readonly index: SessionIndex; readonly sealed: Buffer } | null {
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
    const fits =
      Array.isArray(fields) &&
      fields.length === TYPES.length &&
      fields.every((field, i) => typeof field === TYPES[i]);
    return fits ? (fields as Fields) : null;
  } catch {
    // Somebody else wrote here: no session.
    return null;
  }
}

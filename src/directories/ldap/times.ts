/** Times as LDAP servers write them. */

/** 100 nanoseconds since 1601 in a millisecond; the epoch of Unix in those milliseconds. */
const TICKS = 10_000n;
const UNIX_EPOCH = 11_644_473_600_000n;
/** "Never", beside 0. */
const NEVER = 9_223_372_036_854_775_807n;

/** Epoch milliseconds of Microsoft's file time; null for 0, "never" and text that is none. */
export function fileTime(text: string): number | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const ticks = BigInt(text);
  return ticks === 0n || ticks >= NEVER ? null : Number(ticks / TICKS - UNIX_EPOCH);
}

const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d{1,9})?Z$/;

/** Epoch milliseconds of a file time or a GeneralizedTime in UTC (RFC 4517, section 3.3.13); null otherwise. */
export function timeOf(text: string): number | null {
  const parts = GENERALIZED.exec(text);
  if (parts === null) return fileTime(text);
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? null : time;
}

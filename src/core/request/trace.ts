/**
 * W3C Trace Context: which trace a request belongs to. Read for the log only; the header is
 * forwarded unchanged.
 */

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/**
 * The trace id of a `traceparent` header (W3C Trace Context §3.2); null if it is absent or
 * malformed.
 */
export function traceIdOf(traceparent: string | null): string | null {
  if (traceparent === null || traceparent.length > 256) return null;
  return TRACEPARENT.exec(traceparent)?.[1] ?? null;
}

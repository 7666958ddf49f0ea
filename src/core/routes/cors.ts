/**
 * Cross-origin requests (Fetch, CORS protocol): which origins may read our own replies, and what a
 * preflight is answered. Origins are compared exactly and echoed, so `*` is never sent.
 */
import type { RequestFacts } from '../request/facts.ts';

/** The pages of other origins that may call an app. */
export interface Cors {
  /** Serialized origins: scheme, host, and port unless it is the default. */
  readonly origins: ReadonlySet<string>;
  /** Upper case. */
  readonly methods: readonly string[];
  /** Request header fields that scripts may send. Null: those that a preflight asks for. */
  readonly headers: readonly string[] | null;
  /** Whether scripts may send cookies. */
  readonly credentials: boolean;
  /** How long browsers may keep the answer to a preflight, in seconds. */
  readonly maxAge: number;
  /** Whether we answer preflights (`answer`) or the app does (`pass`). */
  readonly preflight: 'answer' | 'pass';
}

const NONE: readonly string[] = [];

/** Longest list of header fields that is echoed, in characters. */
const MAX_ASKED = 1024;

const FIELD_NAMES = /^[A-Za-z0-9-]+(?:, ?[A-Za-z0-9-]+)*$/;

/** Whether the route lists the origin of the request. `null`, the origin of sandboxes, is never listed. */
function isListed(cors: Cors | null, { origin }: Pick<RequestFacts, 'origin'>): cors is Cors {
  return cors !== null && origin !== null && cors.origins.has(origin);
}

/** Whether the request is a preflight from a listed origin, which is handled in this way. */
export function isPreflight(
  cors: Cors | null,
  facts: Pick<RequestFacts, 'kind' | 'origin'>,
  handling: Cors['preflight'],
): cors is Cors {
  return facts.kind === 'preflight' && isListed(cors, facts) && cors.preflight === handling;
}

/**
 * Header fields that let a listed origin read our reply; flat. Without an origin the reply is the
 * same for all, but a cache must still keep it apart (Fetch, CORS protocol and HTTP caches).
 */
export function readableBy(cors: Cors, facts: Pick<RequestFacts, 'origin'>): readonly string[] {
  if (facts.origin === null || !isListed(cors, facts)) return ['Vary', 'Origin'];
  const fields = ['Vary', 'Origin', 'Access-Control-Allow-Origin', facts.origin];
  return cors.credentials ? [...fields, 'Access-Control-Allow-Credentials', 'true'] : fields;
}

/** Header fields of the answer to a preflight from a listed origin; flat. */
export function preflightFields(
  cors: Cors,
  facts: Pick<RequestFacts, 'origin' | 'header'>,
): readonly string[] {
  const asked = facts.header('access-control-request-headers') ?? '';
  const isEchoed = asked.length <= MAX_ASKED && FIELD_NAMES.test(asked);
  const headers = cors.headers?.join(', ') ?? (isEchoed ? asked : '');
  return [
    ...readableBy(cors, facts),
    'Access-Control-Allow-Methods',
    cors.methods.join(', '),
    ...(headers === '' ? NONE : ['Access-Control-Allow-Headers', headers]),
    'Access-Control-Max-Age',
    String(cors.maxAge),
  ];
}

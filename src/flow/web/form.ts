/**
 * Reads a posted body: bounded, of the one content type its endpoint accepts, without magic names. A form
 * may not repeat a name; in JSON, the last one counts. Separates our own fields from the submission and
 * interprets neither.
 */
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Json } from '../../core/values/json.ts';
import { Problem } from '../../core/values/problem.ts';

/** Longest body, in bytes. */
const MAX_BODY = 65_536;
const MAX_FIELDS = 64;
/** Decimal digits alone: `Number` also reads blanks, signs, exponents and hexadecimal digits. */
const REVISION = /^\d{0,7}$/;

/** A posted form or its JSON twin. */
export interface Posted {
  /** Sealed fresh plan, or `''`. */
  readonly seed: string;
  /** Id of a stored plan, or `''`. */
  readonly plan: string;
  readonly csrf: string;
  /** The revision the form was made for; null if missing, since the CSRF token contains it too. */
  readonly revision: number | null;
  /** The stage the form was made for; null: the current one. */
  readonly stage: string | null;
  /** The destination if the plan is lost; unchecked. */
  readonly rd: string;
  /** Token of an emailed link, or `''`. */
  readonly link: string;
  readonly answer: Readonly<Record<string, Json>>;
}

const OWN = new Set(['seed', 'plan', 'csrf', 'revision', 'stage', 'rd', 'link']);
const MAGIC = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads a form (pages) or JSON (API). Rejects with `body/type`, `body/too-large` or `body/malformed`. */
export async function readPosted(
  request: Request,
  facts: RequestFacts,
  kind: 'form' | 'json',
): Promise<Posted> {
  const wanted = kind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  const type = (facts.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const encoding = facts.header('content-encoding');
  if (type !== wanted || (encoding !== null && encoding.toLowerCase() !== 'identity')) {
    throw new Problem('body/type', `Expected content type ${wanted}, without encoding.`, {
      status: 415,
    });
  }
  const text = await bodyText(request);
  return kind === 'form' ? fromForm(text) : fromJson(text);
}

async function bodyText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY) {
      throw new Problem('body/too-large', `The body is larger than ${MAX_BODY} bytes.`, {
        status: 413,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fromForm(text: string): Posted {
  const own: Record<string, string> = {};
  const answer: Record<string, Json> = {};
  // Counted before they are parsed: thousands of fields cost memory that no form needs.
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) throw malformed();
  for (const [name, value] of new URLSearchParams(text)) {
    const target = OWN.has(name) ? own : answer;
    // Parsers disagree on repeated names: one value could be checked and another used.
    if (MAGIC.has(name) || Object.hasOwn(target, name)) throw malformed();
    target[name] = value;
  }
  return posted(own, answer);
}

function fromJson(text: string): Posted {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(cause);
  }
  if (!isObject(value)) throw malformed();
  const { answer = {}, ...own } = value;
  if (!isObject(answer)) throw malformed();
  const names = [...Object.keys(own), ...Object.keys(answer)];
  if (names.length > MAX_FIELDS || names.some((name) => MAGIC.has(name))) throw malformed();
  if (Object.keys(own).some((name) => !OWN.has(name))) throw malformed();
  return posted(own, answer);
}

function posted(own: Record<string, unknown>, answer: Record<string, Json>): Posted {
  const text = (name: string): string => {
    const value = own[name] ?? '';
    if (typeof value !== 'string') throw malformed();
    return value;
  };
  const revision = text('revision');
  if (!REVISION.test(revision)) throw malformed();
  return {
    seed: text('seed'),
    plan: text('plan'),
    csrf: text('csrf'),
    revision: revision === '' ? null : Number(revision),
    stage: text('stage') || null,
    rd: text('rd'),
    link: text('link'),
    answer,
  };
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(cause?: unknown): Problem {
  return new Problem('body/malformed', 'The body cannot be read as a submission.', {
    status: 400,
    cause,
  });
}

/**
 * Queries other servers: a verifier with one POST of a form, an issuer of tokens for its keys. Time, size and
 * number are bounded, and no redirect is followed. A response that cannot be read in full is a Problem.
 */
import { Agent, request } from 'undici';
import type { Json } from '../core/values/json.ts';
import { Problem } from '../core/values/problem.ts';
import type { Outside } from '../core/flow/stage.ts';
import { bytesOf, isSafeTarget } from './exchange.ts';

/** From the first byte sent to the last one received, in milliseconds. */
const TIME = 5_000;
/** Largest response, in bytes. */
const MAX_BYTES = 64 * 1024;
/** Most requests in progress; a verifier that hangs must not fill our memory. */
const MAX_UNDER_WAY = 128;

/** The port, with a way to read JSON, and to close it. */
export interface OutsideClient extends Outside {
  /** The JSON at a URL. Rejects with Problem `outside/unavailable` (503). */
  get(url: string): Promise<Json>;
  close(): Promise<void>;
}

/** The client of one process. `time` is in milliseconds. */
export function createOutside(time: number = TIME): OutsideClient {
  const dispatcher = new Agent({ connections: 16, connect: { timeout: time } });
  let underWay = 0;
  const askOnce = async (url: string, form: Form | null): Promise<Json> => {
    if (underWay >= MAX_UNDER_WAY) throw unavailable(new Error('too many questions under way'));
    underWay += 1;
    try {
      return await ask(dispatcher, target(url), form, AbortSignal.timeout(time));
    } catch (caught) {
      throw unavailable(caught);
    } finally {
      underWay -= 1;
    }
  };
  return {
    post: askOnce,
    get: (url) => askOnce(url, null),
    close: () => dispatcher.destroy(),
  };
}

type Form = Readonly<Record<string, string>>;

/** With a form, a POST. */
async function ask(
  dispatcher: Agent,
  url: URL,
  form: Form | null,
  signal: AbortSignal,
): Promise<Json> {
  const { statusCode, headers, body } = await request(url, {
    dispatcher,
    method: form === null ? 'GET' : 'POST',
    headers: {
      ...(form === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      accept: 'application/json',
      'accept-encoding': 'identity',
    },
    body: form === null ? null : new URLSearchParams(form).toString(),
    signal,
  });
  const text = (await bytesOf(body, MAX_BYTES)).toString('utf8');
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  if (headers['content-encoding'] !== undefined) throw new Error('an encoded answer');
  return JSON.parse(text);
}

/** The form contains secrets, so plain HTTP is allowed to this machine only. */
function target(text: string): URL {
  const url = new URL(text);
  if (!isSafeTarget(url) || url.username !== '' || url.password !== '') {
    throw new Error('expected an https URL without credentials');
  }
  return url;
}

function unavailable(cause: unknown): Problem {
  return new Problem('outside/unavailable', 'A service that must be asked does not answer.', {
    status: 503,
    retryAfter: 5,
    cause,
  });
}

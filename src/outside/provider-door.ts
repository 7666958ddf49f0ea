/**
 * Requests to a sign-in provider. Time, size and number are bounded, and no redirect is followed. A
 * response that cannot be read in full is the Problem `source/unavailable`.
 */
import { rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import type { OpenProviderDoor, ProviderDoor } from '../core/setup/adapters.ts';
import { sourceUnavailable } from '../core/sources/source.ts';
import { readAuthority } from './authority.ts';
import { bytesOf, isSafeTarget } from './exchange.ts';

/** From the first byte sent to the last one received, in milliseconds. */
const TIME = 5_000;
/** Largest response, in bytes. */
const MAX_BYTES = 1024 * 1024;
/** Most requests in progress; a provider that hangs must not fill our memory. */
const MAX_UNDER_WAY = 64;

/** Statuses whose responses have no body, not even an empty one. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Opens a door. `time` is in milliseconds. With `isInsecure`, plain HTTP is sent to any machine, and
 * not only to this one. Problem `source/ca`.
 */
export async function openProviderDoor(
  { ca, isInsecure }: Parameters<OpenProviderDoor>[0],
  time: number = TIME,
): Promise<ProviderDoor> {
  const trusted =
    ca === null ? {} : { ca: [...rootCertificates, await readAuthority(ca, 'source/ca')] };
  const dispatcher = new Agent({
    connections: 16,
    maxResponseSize: MAX_BYTES,
    connect: { timeout: time, ...trusted },
  });
  let underWay = 0;
  return {
    async fetch(url, { method, headers, form, signal }) {
      if (underWay >= MAX_UNDER_WAY) {
        throw sourceUnavailable(new Error('too many requests to the provider under way'));
      }
      underWay += 1;
      try {
        const limits = [AbortSignal.timeout(time), ...(signal === null ? [] : [signal])];
        const response = await request(targetOf(url, { isInsecure }), {
          dispatcher,
          method,
          headers: {
            ...Object.fromEntries(headers.entries()),
            'accept-encoding': 'identity',
            'user-agent': 'doorward',
          },
          body: form === null ? null : form.toString(),
          signal: AbortSignal.any(limits),
        });
        return await responseOf(response);
      } catch (caught) {
        throw sourceUnavailable(caught);
      } finally {
        underWay -= 1;
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function targetOf(text: string, { isInsecure }: { readonly isInsecure: boolean }): URL {
  const url = new URL(text);
  const isAllowed = isSafeTarget(url) || (isInsecure && url.protocol === 'http:');
  if (!isAllowed || url.username !== '' || url.password !== '') {
    throw new Error('expected an https URL without credentials');
  }
  return url;
}

async function responseOf({
  statusCode,
  headers,
  body,
}: Awaited<ReturnType<typeof request>>): Promise<Response> {
  const bytes = await bytesOf(body, MAX_BYTES);
  if (headers['content-encoding'] !== undefined) throw new Error('an encoded answer');
  const fields = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) fields.append(name, one);
  }
  return new Response(BODILESS.has(statusCode) ? null : bytes, {
    status: statusCode,
    headers: fields,
  });
}

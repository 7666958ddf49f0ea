/** What journeys over a site share: the users, the requests that reached the apps, websockets. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Answer, Client } from './client.ts';
import type { Site } from './site.ts';
import type { AppRequest } from './web-app.ts';

/** A site, ann (admins) and bea (no groups), both signed in. */
export interface Journey {
  readonly site: Site;
  readonly ann: Client;
  readonly bea: Client;
}

/** What an app reports of its request. */
export interface Echo {
  readonly app: string;
  readonly method: string;
  readonly url: string;
  readonly size: number;
}

/** The response of an app; throws if it is anything else. */
export function echo(answer: Answer): Echo {
  if (answer.status !== 200 || answer.headers['content-type'] !== 'application/json') {
    throw new Error(
      `no app answered at ${answer.url}: ${answer.status} ${answer.body.slice(0, 500)}`,
    );
  }
  return JSON.parse(answer.body) as Echo;
}

/** All requests that reached apps. */
export function reached({ apps }: Site): readonly AppRequest[] {
  return [...apps.wiki.seen, ...apps.board.seen];
}

/** The latest request that reached an app. */
export function last({ apps }: Site, name: 'wiki' | 'board' = 'wiki'): AppRequest {
  const seen = apps[name].seen.at(-1);
  if (seen === undefined) throw new Error(`nothing reached ${name}`);
  return seen;
}

const IDENTITY = [
  'Remote-User',
  'Remote-Groups',
  'Remote-Name',
  'Remote-Email',
  'X-Doorward-Jwt',
] as const;

/** Every value that an app could read as the user, under any spelling. */
export function identityOf(seen: AppRequest): readonly string[] {
  return IDENTITY.flatMap((name) => seen.values(name));
}

/** Opens a websocket and sends a message: `echoed`, or the status of the refusal. */
export async function dial(
  site: Site,
  origin: string,
  who: Client,
  from = origin,
): Promise<number | 'echoed'> {
  const { host, hostname } = new URL(origin);
  const cookie = who.cookieHeader(hostname);
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/socket?room=1`, {
    headers: { host, origin: from, ...(cookie === '' ? {} : { cookie }) },
  });
  const refused = new Promise<number>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
  const opened = once(socket, 'open').then(async () => {
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    return data.toString() === 'hello' ? ('echoed' as const) : 0;
  });
  opened.catch(() => undefined);
  const outcome = await Promise.race([refused, opened]);
  socket.terminate();
  return outcome;
}

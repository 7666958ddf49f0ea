/** The first demo app: shows what reached it, what each part means, and why the request was let in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendEvents } from './events.ts';
import { send, sendPage, sendPublicFile } from './frame.ts';
import { personOf, publicPlace, utf8 } from './request.ts';
import { helloPage, whoamiPage } from './whoami-page.ts';

/** Answers one request; every path without a page of its own shows the same one, with the path in it. */
export function whoami(request: IncomingMessage, response: ServerResponse): void {
  const target = request.url ?? '/';
  const path = target.split('?', 1)[0] as string;
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'text/plain; charset=utf-8', 'This app only shows things.\n');
  }
  if (sendPublicFile('whoami', path, response)) return;
  if (path === '/json') return send(response, 200, 'application/json', json(request));
  if (path === '/events') return sendEvents(response);
  if (path.startsWith('/public/')) return sendPage(response, 200, helloPage(request));
  return sendPage(response, 200, whoamiPage(request));
}

function json(request: IncomingMessage): string {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    headers.push([request.rawHeaders[i] as string, utf8(request.rawHeaders[i + 1] as string)]);
  }
  const { host } = publicPlace(request);
  const { method, url } = request;
  return `${JSON.stringify({ person: personOf(request), method, host, url, headers }, null, 2)}\n`;
}

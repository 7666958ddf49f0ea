/** The frame of the demo apps' pages and how they are sent. Everything interpolated is escaped by hono/html. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { html } from 'hono/html';
import { readShipped } from '../shipped/shipped.ts';
import { type Person, publicPlace, siblingUrl } from './request.ts';

export type Markup = ReturnType<typeof html>;
export type DemoName = 'whoami' | 'notes';

const TITLES: Readonly<Record<DemoName, string>> = { whoami: 'Who am I?', notes: 'Notes' };
const OTHER: Readonly<Record<DemoName, DemoName>> = { whoami: 'notes', notes: 'whoami' };

const SHEET = readShipped('demo/assets', 'demo.css');
const ICONS: Readonly<Record<DemoName, string>> = {
  whoami: icon(
    '#3b4fa3',
    '<circle cx="16" cy="12.5" r="4.5"/><path d="M7.5 26a8.5 8.5 0 0 1 17 0z"/>',
  ),
  notes: icon('#8a5a00', '<path d="M9 8h14v2.4H9zM9 14.8h14v2.4H9zM9 21.6h8V24H9z"/>'),
};

function icon(fill: string, shape: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="${fill}"/><g fill="#fff">${shape}</g></svg>`;
}

/** A page of a demo app. */
export interface DemoPage {
  readonly app: DemoName;
  readonly request: IncomingMessage;
  readonly person: Person | null;
  readonly title: string;
  readonly main: Markup;
}

/** The whole page. */
export function framed({ app, request, person, title, main }: DemoPage): string {
  const other = siblingUrl(publicPlace(request), app, OTHER[app]);
  const markup = html`<!doctype html>
<html lang="en" class="${app}">
<head>
<meta charset="utf-8">
<title>${title} · ${TITLES[app]}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/public/demo.css">
<link rel="icon" href="/public/icon.svg">
</head>
<body>
<header><p class="name"><img src="/public/icon.svg" alt="" width="32" height="32"> ${TITLES[app]} <span>demo app</span></p><nav aria-label="Demo"><ul>${
    other === null ? null : html`<li><a href="${other}">${TITLES[OTHER[app]]}</a></li>`
  }${person === null ? null : html`<li><a href="/.doorward/sign-out">Sign out</a></li>`}</ul></nav></header>
<main>
${main}
</main>
</body>
</html>
`;
  // No template of ours holds a promise, so this is a string already.
  return (markup as Exclude<Markup, Promise<unknown>>).toString();
}

/** Sends text with the headers every answer of a demo app has. */
export function send(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  response.end(bytes);
}

/** Sends a page. */
export function sendPage(response: ServerResponse, status: number, page: string): void {
  send(response, status, 'text/html; charset=utf-8', page);
}

/** The sheet and the icon, which stand under a public path; false when it is another path. */
export function sendPublicFile(app: DemoName, path: string, response: ServerResponse): boolean {
  if (path === '/public/demo.css') send(response, 200, 'text/css; charset=utf-8', String(SHEET));
  else if (path === '/public/icon.svg') send(response, 200, 'image/svg+xml', ICONS[app]);
  else return false;
  return true;
}

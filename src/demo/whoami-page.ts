/** The pages of the first demo app. */
import type { IncomingMessage } from 'node:http';
import { html } from 'hono/html';
import { framed, type Markup } from './frame.ts';
import { meaningOf, type Origin } from './header-meaning.ts';
import { headerText, type Person, personOf, publicPlace, siblingUrl, utf8 } from './request.ts';

/** Longest value shown whole, in characters. */
const MAX_SHOWN = 400;

/** What reached the app, and what it means. */
export function whoamiPage(request: IncomingMessage): string {
  const person = personOf(request);
  const place = publicPlace(request);
  const rows = headerRows(request);
  const of = (origin: Origin): Row[] => rows.filter((row) => row.origin === origin);
  const title = person === null ? 'Hello, visitor' : `Hello, ${person.displayName}`;
  const notes = siblingUrl(place, 'whoami', 'notes');
  const main = html`<section class="hero"><h1>${title}</h1>
<p>This app has no login of its own. Everything it knows about you is in the headers of this request, which the gateway set.</p>
<p class="line"><code>${request.method} ${place.host ?? ''}${utf8(request.url ?? '/')}</code></p></section>
${reasons(request, person)}
<section><h2>Who you are to this app</h2>
<p>Only the gateway sets these headers. It removes them from every request that a client sends.</p>
${table('Identity', of('identity'))}</section>
<section><h2>What it does not get</h2><dl class="absent">${absences(request)}</dl></section>
<section><h2>What the gateway says about the request</h2>${table('From the gateway', of('gateway'))}</section>
<section><details><summary>What your browser sent (${of('browser').length})</summary>${table('From the browser', of('browser'))}</details></section>
<section><h2>Try it</h2><ul class="links">
${notes === null ? null : html`<li><a href="${notes}">Open the notes app</a> <span>without signing in again, or find out why not</span></li>`}
<li><a href="/public/hello">A public page</a> <span>open without signing in, because a rule allows it</span></li>
<li><a href="/json">This page as JSON</a> <span>for scripts</span></li>
<li><a href="/events">A stream of events</a> <span>one per second, without buffering</span></li>
<li><a href="/.doorward/sign-out">Sign out</a> <span>of this app and all others</span></li></ul></section>`;
  return framed({ app: 'whoami', request, person, title, main });
}

/** A page under a public path: it works with and without a session. */
export function helloPage(request: IncomingMessage): string {
  const person = personOf(request);
  const main = html`<section class="hero"><h1>Hello from a public page</h1>
<p>${
    person === null
      ? 'You are not signed in. This page is shown anyway: its path is marked public in the configuration.'
      : `You are signed in as ${person.name}. The page is shown to everyone: its path is marked public in the configuration.`
  }</p><p><a href="/">To the page that is not public</a></p></section>`;
  return framed({ app: 'whoami', request, person, title: 'Hello', main });
}

function reasons(request: IncomingMessage, person: Person | null): Markup {
  const { host, scheme } = publicPlace(request);
  const requestId = headerText(request, 'x-request-id');
  const url = `${scheme}://${host ?? 'localhost'}${utf8(request.url ?? '/')}`;
  if (person === null) {
    return html`<section class="why"><h2>Why was this allowed?</h2><p>The gateway sent no username: the rule for this path is public, or no gateway is in front of this app.</p></section>`;
  }
  return html`<section class="why"><h2>Why was I allowed?</h2><ol>
<li>Your browser sent a sealed ticket, and the gateway found the session of <strong>${person.name}</strong>.</li>
<li>The rule for <code>${host ?? 'this host'}</code> was evaluated, and all of its policies allowed the request${
    person.groups.length === 0
      ? ''
      : html` (your groups: ${person.groups.map((g, i) => html`${i === 0 ? '' : ', '}<code>${g}</code>`)})`
  }. Otherwise, you would see a page with the reason.</li>
<li>The gateway added your username to the request, removed the ticket, and passed the request to this app.</li></ol>
<p>Rule by rule, in a terminal:</p>
<pre tabindex="0"><code>npm run -s doorward -- explain --url ${shellWord(url)} --user ${shellWord(person.name)}</code></pre>
${requestId === '' ? null : html`<p class="small">In the gateway’s log, this request is <code>${requestId}</code>.</p>`}</section>`;
}

/** A word that a POSIX shell takes literally, so that copying is safe whatever the address holds. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function absences(request: IncomingMessage): Markup[] {
  const cookies = (request.headers.cookie ?? '')
    .split(';')
    .map((c) => (c.split('=', 1)[0] ?? '').trim());
  const hasTicket = cookies.some((name) => name.endsWith('doorward'));
  return [
    absence({
      name: 'Your ticket',
      isThere: hasTicket,
      words:
        'The gateway removes the cookie that proves your session, so a compromised app cannot use it elsewhere.',
    }),
    absence({
      name: 'Your password',
      isThere: false,
      words: 'You enter it on the portal, which passes it to no app.',
    }),
    absence({
      name: 'Authorization',
      isThere: request.headers.authorization !== undefined,
      words: 'No credentials in this header.',
    }),
  ];
}

/** Something that should not reach the app. */
interface Withheld {
  readonly name: string;
  readonly isThere: boolean;
  readonly words: string;
}

function absence({ name, isThere, words }: Withheld): Markup {
  return html`<div class="${isThere ? 'there' : 'gone'}"><dt>${name}</dt><dd><strong>${isThere ? 'present' : 'absent'}</strong> ${words}</dd></div>`;
}

interface Row {
  readonly origin: Origin;
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

function headerRows(request: IncomingMessage): Row[] {
  const rows: Row[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] as string;
    const value = utf8(request.rawHeaders[i + 1] as string);
    const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
    rows.push({ ...meaningOf(name), name, value: shown });
  }
  return rows;
}

function table(caption: string, rows: readonly Row[]): Markup {
  if (rows.length === 0) return html`<p class="none">This request has none.</p>`;
  return html`<table><caption class="unseen">${caption}</caption><thead><tr><th scope="col">Header</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr class="${row.origin}"><th scope="row"><code>${row.name}</code></th><td>${row.value === '' ? html`<em>empty</em>` : html`<code>${row.value}</code>`}</td><td>${row.text}</td></tr>`,
  )}</tbody></table>`;
}

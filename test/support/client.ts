/**
 * A small browser for journeys: real sockets, a cookie jar that respects Domain and Path, forms
 * read from the page. Every host resolves to loopback; redirects are followed only on request.
 */
import { request as httpRequest } from 'node:http';

/** One response. */
export interface Answer {
  readonly status: number;
  readonly url: string;
  /** Lower-case names; repeated ones joined with `, `, except Set-Cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
  /** The Location, made absolute, or ''. */
  readonly location: string;
}

/** What to send besides the URL. */
export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Send no cookies and store none. */
  readonly bare?: boolean;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
}

/** The headers of a browser's navigation. */
export const NAVIGATION = {
  accept: 'text/html,application/xhtml+xml',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
} as const;

/** The headers of a script's fetch. */
export const FETCH = { accept: 'application/json', 'sec-fetch-mode': 'cors' } as const;

/** A client with its own cookies. Ports come from the URLs. */
export class Client {
  readonly #jar: Cookie[] = [];
  readonly #from: string;

  /** `from`: its address on the loopback network. */
  constructor(from = '127.0.0.1') {
    this.#from = from;
  }

  /** The Cookie header for a host. */
  cookieHeader(host: string): string {
    return this.#jar
      .filter((c) => c.domain === host || (!c.hostOnly && host.endsWith(`.${c.domain}`)))
      .map((c) => `${c.name}=${c.value}`)
      .join('; ');
  }

  /** Adds a cookie directly, for attacks. */
  setCookie(name: string, value: string, domain: string, hostOnly = false): void {
    this.#remember({ name, value, domain, hostOnly });
  }

  async send(url: string, sending: Sending = {}): Promise<Answer> {
    const target = new URL(url);
    const cookie = sending.bare === true ? '' : this.cookieHeader(target.hostname);
    const headers: Record<string, string> = {
      host: target.host,
      ...(cookie === '' ? {} : { cookie }),
      ...sending.headers,
    };
    const answer = await exchange(target, { ...sending, from: this.#from }, headers);
    if (sending.bare !== true) for (const line of answer.cookies) this.#keep(line, target.hostname);
    return answer;
  }

  /** A navigation by GET. */
  async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send(url, { headers: { ...NAVIGATION, ...headers } });
  }

  /** A navigation that follows redirects, at most ten. */
  async follow(url: string): Promise<Answer> {
    let answer = await this.open(url);
    for (let hops = 0; answer.location !== '' && hops < 10; hops += 1) {
      answer = await this.open(answer.location);
    }
    return answer;
  }

  /** Fills in the form of a page and submits it, as the browser would. */
  async submit(page: Answer, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const form = readForm(page);
    return this.send(form.action, {
      method: 'POST',
      headers: {
        ...NAVIGATION,
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(page.url).origin,
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams({ ...form.hidden, ...fields }).toString(),
    });
  }

  /** Submits and follows the redirects. */
  async submitAndFollow(page: Answer, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const answer = await this.submit(page, fields);
    return answer.location === '' ? answer : this.follow(answer.location);
  }

  /** Opens a URL, signs in by username and password on the way, and returns the last page. */
  async signIn(url: string, name: string, password: string): Promise<Answer> {
    const first = await this.follow(url);
    const second = await this.submitAndFollow(first, { login: name });
    return this.submitAndFollow(second, { password });
  }

  #keep(line: string, host: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const mark = pair.indexOf('=');
    const attribute = (name: string): string | undefined =>
      attributes.find((a) => a.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const domain = attribute('domain')?.replace(/^\./, '').toLowerCase();
    if (domain !== undefined && host !== domain && !host.endsWith(`.${domain}`)) return;
    const cookie = {
      name: pair.slice(0, mark),
      value: pair.slice(mark + 1),
      domain: domain ?? host,
      hostOnly: domain === undefined,
    };
    this.#forget(cookie);
    const isGone = attribute('max-age') === '0' || (attribute('expires') ?? '').includes('1970');
    if (!isGone) this.#jar.push(cookie);
  }

  #remember(cookie: Cookie): void {
    this.#forget(cookie);
    this.#jar.push(cookie);
  }

  #forget(cookie: Cookie): void {
    const at = this.#jar.findIndex((c) => c.name === cookie.name && c.domain === cookie.domain);
    if (at >= 0) this.#jar.splice(at, 1);
  }
}

/** The only form of a page that posts: its action and hidden fields. */
export function readForm(page: Answer): { action: string; hidden: Record<string, string> } {
  const form = /<form[^>]*method="post"[^>]*>([\s\S]*?)<\/form>/i.exec(page.body);
  if (form === null)
    throw new Error(`no form at ${page.url} (${page.status}): ${page.body.slice(0, 300)}`);
  const action = /action="([^"]*)"/i.exec(form[0])?.[1] ?? '';
  const hidden: Record<string, string> = {};
  for (const input of (form[1] ?? '').matchAll(/<input\b[^>]*>/gi)) {
    const at = (name: string): string | undefined =>
      new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(input[0])?.[1];
    const name = at('name');
    if (at('type') === 'hidden' && name !== undefined)
      hidden[name] = unescapeHtml(at('value') ?? '');
  }
  return { action: new URL(unescapeHtml(action), page.url).href, hidden };
}

/** Decodes the text of a page. */
export function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function exchange(
  target: URL,
  sending: Sending & { readonly from: string },
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        localAddress: sending.from,
        port: target.port === '' ? 80 : Number(target.port),
        path: target.pathname + target.search,
        method: sending.method ?? 'GET',
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const flat: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) {
            flat[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
          }
          const location = response.headers.location;
          resolve({
            status: response.statusCode ?? 0,
            url: target.href,
            headers: flat,
            cookies: response.headers['set-cookie'] ?? [],
            body: Buffer.concat(chunks).toString('utf8'),
            location: location === undefined ? '' : new URL(location, target).href,
          });
        });
      },
    );
    request.on('error', reject);
    if (sending.body !== undefined)
      request.setHeader('content-length', Buffer.byteLength(sending.body));
    request.end(sending.body);
  });
}

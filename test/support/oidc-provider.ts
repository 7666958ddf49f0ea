/**
 * A real OpenID Connect provider on loopback. It asks for a name and nothing else, and grants what is
 * requested. It can be stopped, and started again with other keys.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Configuration, Provider } from 'oidc-provider';
import { freePort } from './ports.ts';

/** Claims of a user, beside `sub`. */
export type PersonClaims = Readonly<Record<string, unknown>>;

/** A running provider. */
export interface RealProvider {
  readonly issuer: string;
  readonly client: { readonly client_id: string; readonly client_secret: string };
  /** Its users by `sub`; changes apply at once, and a user without an entry has no account. */
  readonly people: Map<string, PersonClaims>;
  /** Requests it has received: `POST /token`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
  /** Starts it again with a new key. Its grants and sessions are gone. */
  start(): Promise<void>;
}

/** What its client registers. */
export interface ProviderOptions {
  readonly redirectUris: readonly string[];
  /** A free one unless given. */
  readonly port?: number;
  readonly postLogoutRedirectUris?: readonly string[];
  readonly backchannelLogoutUri?: string;
}

export const CLIENT = { client_id: 'doorward', client_secret: 'a secret of the provider and us' };
export const ANN: PersonClaims = {
  name: 'Ann Example',
  preferred_username: 'ann',
  email: 'ann@example.com',
  email_verified: true,
  groups: ['staff', 'writers'],
};

/** Starts one, with the user `ann`. Close it with `stop`. */
export async function startOidcProvider(options: ProviderOptions): Promise<RealProvider> {
  const port = options.port ?? (await freePort());
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map([['ann', ANN]]);
  const requests: string[] = [];
  let server: Server | null = null;

  async function start(): Promise<void> {
    const provider = new Provider(issuer, configuration(options, await newKey(), people));
    const handle = provider.callback();
    server = createServer((req, res) => {
      requests.push(`${req.method ?? ''} ${(req.url ?? '').split('?')[0] ?? ''}`);
      if (req.url === '/api/user') void showUser({ provider, people }, req, res);
      else if (req.url?.startsWith('/interaction/') === true) void interact(provider, req, res);
      else void handle(req, res);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  async function stop(): Promise<void> {
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    server = null;
    await closed;
  }
  await start();
  return { issuer, client: CLIENT, people, requests, start, stop };
}

let keys = 0;
async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `key-${(keys += 1)}`, use: 'sig', alg: 'ES256' };
}

function configuration(
  options: ProviderOptions,
  key: JWK,
  people: ReadonlyMap<string, PersonClaims>,
): Configuration {
  return {
    clients: [
      {
        ...CLIENT,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [...options.redirectUris],
        post_logout_redirect_uris: [...(options.postLogoutRedirectUris ?? [])],
        id_token_signed_response_alg: 'ES256',
        ...(options.backchannelLogoutUri === undefined
          ? {}
          : {
              backchannel_logout_uri: options.backchannelLogoutUri,
              backchannel_logout_session_required: true,
            }),
      },
    ],
    jwks: { keys: [key] },
    ttl: {
      AccessToken: 3600,
      Grant: 86_400,
      IdToken: 86_400,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    cookies: { keys: ['a key for the cookies of the provider'] },
    claims: {
      openid: ['sub', 'sid'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    // Hosts of tests have no address in the DNS: all are this machine.
    fetch: (url, { method, headers, body } = {}) =>
      postHere(new URL(url instanceof Request ? url.url : url), {
        method: method ?? 'GET',
        headers: Object.fromEntries(new Headers(headers).entries()),
        body: typeof body === 'string' || body instanceof URLSearchParams ? body.toString() : '',
      }),
    pkce: { required: () => true },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: (_ctx, accountId) => {
      const claims = people.get(accountId);
      if (claims === undefined) return undefined;
      return { accountId, claims: () => ({ ...claims, sub: accountId }) };
    },
    async loadExistingGrant({ oidc: { client, session, provider } }) {
      const clientId = client?.clientId ?? '';
      const known = session?.grantIdFor(clientId);
      if (known !== undefined) return provider.Grant.find(known);
      const accountId = session?.accountId ?? '';
      const grant = new provider.Grant({ clientId, accountId });
      grant.addOIDCScope('openid profile email groups offline_access');
      await grant.save();
      return grant;
    },
  };
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function postHere(url: URL, { method, headers, body }: Sent): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { pathname: path, port, host } = url;
    const options = { host: '127.0.0.1', port, path, method, headers: { ...headers, host } };
    const request = httpRequest(options, (response) => {
      response.resume();
      response.once('end', () => resolve(new Response(null, { status: response.statusCode ?? 0 })));
    });
    request.once('error', reject).end(body);
  });
}

/** The page of the provider: a name, and two buttons. */
async function interact(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method !== 'POST') {
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    res.end(
      '<!doctype html><title>Provider</title><h1>Provider</h1><form method="post">' +
        '<label>Name <input name="login" value="ann"></label>' +
        '<button name="how" value="in">Sign in</button>' +
        '<button name="how" value="no">Refuse</button></form>',
    );
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk));
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const result =
    form.get('how') === 'no'
      ? { error: 'access_denied', error_description: 'the user refused' }
      : { login: { accountId: form.get('login') ?? '', remember: true } };
  await provider.interactionFinished(req, res, result);
}

/** The user of an access token, as plain OAuth 2 providers show one. */
async function showUser(
  { provider, people }: { provider: Provider; people: ReadonlyMap<string, PersonClaims> },
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const [, text = ''] = /^Bearer (.+)$/.exec(req.headers.authorization ?? '') ?? [];
  const id = (await provider.AccessToken.find(text))?.accountId ?? '';
  const claims = people.get(id);
  if (claims === undefined) {
    res.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
  } else {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ id, login: id, ...claims }));
  }
}

/**
 * Visits a provider as a browser does, until it returns to the redirect URI; presses `in` or `no` on
 * its page. Cookies are kept in `jar`.
 */
export async function visitProvider(
  url: string,
  {
    redirectUri,
    login = 'ann',
    how = 'in',
    jar = new Map(),
  }: {
    readonly redirectUri: string;
    readonly login?: string;
    readonly how?: 'in' | 'no';
    readonly jar?: Map<string, string>;
  },
): Promise<URLSearchParams> {
  let target = new URL(url);
  let form: URLSearchParams | null = null;
  for (let step = 0; step < 12; step += 1) {
    if (`${target.origin}${target.pathname}` === redirectUri) return target.searchParams;
    const response: Response = await fetch(target, {
      method: form === null ? 'GET' : 'POST',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === null ? {} : { body: form }),
      redirect: 'manual',
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    const text = await response.text();
    if (location !== null) {
      target = new URL(location, target);
      form = null;
    } else if (target.pathname.startsWith('/interaction/')) {
      form = new URLSearchParams({ login, how });
    } else {
      throw new Error(`the provider stops at ${target.pathname}: ${response.status} ${text}`);
    }
  }
  throw new Error('the provider redirects forever');
}

/**
 * Ends the browser's session at the provider, as its users do, and returns the URL to which the provider
 * then sends the browser; `''` for none.
 */
export async function signOutAtProvider(url: string, jar: Map<string, string>): Promise<string> {
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const page = await fetch(url, { headers: { cookie: cookie() }, redirect: 'manual' });
  for (const line of page.headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(await page.text()) ?? [];
  if (xsrf === undefined) throw new Error(`no page to sign out: ${page.status}`);
  const { origin } = new URL(url);
  const done = await fetch(`${origin}/session/end/confirm`, {
    method: 'POST',
    headers: { cookie: cookie() },
    body: new URLSearchParams({ xsrf, logout: 'yes' }),
    redirect: 'manual',
  });
  return done.headers.get('location') ?? '';
}

/**
 * The portal without its flows: the front page, assets and a few well-known paths. Reads sessions,
 * never starts, changes or ends one.
 */
import { type Context, Hono } from 'hono';
import { asProblem, type Problem } from '../core/values/problem.ts';
import type { Clock } from '../core/values/system.ts';
import { HANDOVER_PATH } from '../core/access/handover-request.ts';
import type { SignalSource } from '../core/access/signal.ts';
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import { absenceOf, type PortalVisitors, signedInOf } from '../core/access/visitors.ts';
import type { Asset, Assets } from '../pages/frame/assets.ts';
import { contentSecurityPolicy } from '../pages/frame/csp.ts';
import type { Flow } from '../core/flow/flow.ts';
import type { User } from '../core/people/user.ts';
import type { Pages } from '../pages/pages.ts';
import type { HomePageView } from '../pages/views.ts';
import { appsFor, SEARCH_FROM } from './apps.ts';
import { pageHeaders, type PortalEnv } from './env.ts';
import { handOver, type HandoverPorts } from './handover.ts';
import { acceptsTokens } from './token-apps.ts';

/** What the portal needs. */
export interface PortalDeps {
  readonly live: Live;
  readonly visitors: PortalVisitors;
  readonly handovers: HandoverPorts['handovers'];
  readonly vault: HandoverPorts['vault'];
  readonly random: HandoverPorts['random'];
  readonly clock: Clock;
  /** Signals for apps whose policies need them. */
  readonly signals: SignalSource;
  readonly pages: Pages;
  readonly assets: Assets;
  /** Public keys of the signed assertion at the moment, as JSON. */
  readonly jwks: () => string;
}

/** Longest search text that is used, in characters. */
const MAX_SEARCH = 100;
/** Seconds for which the icons at well-known paths may be cached. */
const ICON_AGE = 86_400;

type PortalContext = Context<PortalEnv>;

/** The app. Replies to every request, and to its own faults except unexpected ones. */
export function createPortalApp(deps: PortalDeps): Hono<PortalEnv> {
  const { live, assets } = deps;
  const app = new Hono<PortalEnv>();

  app.get('/', (c) => frontPage(c, deps));
  app.get(HANDOVER_PATH, async (c) => {
    const sealed = c.req.queries('request') ?? [];
    const request = {
      facts: c.env.facts,
      sealed: sealed.length === 1 ? (sealed[0] ?? null) : null,
    };
    const to = await handOver(deps, live.current, request);
    return to === null ? errorPage(c, deps, NO_HANDOVER) : redirect(c, to);
  });
  app.get('/.well-known/change-password', (c) => {
    const { site, flows } = live.current;
    const path = flows.has('password-change') ? '/flow/password-change' : '/';
    return redirect(c, site.origin + path);
  });
  app.get('/assets/*', (c) => {
    const asset = assets.find(c.env.facts.path);
    return asset === null ? errorPage(c, deps, UNKNOWN_PAGE) : file(asset, 'immutable');
  });
  for (const path of ['/favicon.svg', '/favicon.ico']) {
    app.get(path, () => file(assets.icon(), 'a day'));
  }
  app.get('/.well-known/jwks.json', () => publicJson(deps.jwks()));
  app.get('/robots.txt', (c) =>
    c.text('User-agent: *\nDisallow: /\n', 200, pageHeaders(c.env.requestId, null)),
  );

  app.notFound((c) => errorPage(c, deps, UNKNOWN_PAGE));
  app.onError((error, c) => {
    const problem = asProblem(error);
    // Unexpected errors go on to http/, which replies to them and logs the cause.
    if (problem.code === 'internal') throw error;
    return errorPage(c, deps, problem);
  });
  return app;
}

async function frontPage(c: PortalContext, parts: PortalDeps): Promise<Response> {
  const { live, pages, visitors, clock, signals } = parts;
  const { facts, requestId } = c.env;
  const snapshot = live.current;
  const found = await visitors.find({
    header: (name) => c.req.header(name) ?? null,
    clientIp: facts.clientIp,
    host: facts.host,
    viaTrustedProxy: facts.viaTrustedProxy,
  });
  const visitor = signedInOf(found);
  if (visitor === null) {
    const back = encodeURIComponent(`${snapshot.site.origin}/`);
    const to = `${snapshot.site.origin}/flow/${signInFlow(snapshot)}?rd=${back}`;
    return facts.kind === 'page' ? redirect(c, to) : unauthorized(c, to, absenceOf(found));
  }
  const search = (c.req.query('q') ?? '').slice(0, MAX_SEARCH);
  const now = clock.now();
  const { apps, total } = await appsFor({ snapshot, visitor, facts, now, search, signals });
  const body = pages.homePage({
    brand: snapshot.brand,
    language: c.req.header('accept-language') ?? null,
    user: visitor.user.displayName === '' ? visitor.user.name : visitor.user.displayName,
    apps,
    account: accountLinks(snapshot, visitor.user),
    search: total >= SEARCH_FROM || search !== '' ? search : null,
    signOutUrl: '/flow/logout',
  });
  const csp = contentSecurityPolicy({ portalOrigin: snapshot.site.origin, formTargets: [] });
  return c.body(body.text, 200, {
    ...pageHeaders(requestId, csp),
    'content-type': body.type,
    vary: 'Cookie, Accept-Language',
  });
}

/** The flows in which signed-in users change their own account, in the order of their names. */
function accountLinks(snapshot: Snapshot, { email, emailVerified }: User): HomePageView['account'] {
  const isUseless = ({ name, stages }: Flow): boolean =>
    (name === 'verify-email' && (email === '' || emailVerified)) ||
    (stages.some(({ stage }) => stage.type === 'tokens') && !acceptsTokens(snapshot));
  return [...snapshot.flows.values()]
    .filter(({ designation, requires }) => designation === 'configuration' && requires !== 'link')
    .filter((flow) => !isUseless(flow))
    .map(({ name, title }) => ({ href: `/flow/${name}`, label: { literal: title } }))
    .sort((a, b) => (a.href < b.href ? -1 : 1));
}

/** `login`, or the first sign-in flow if the operator named it otherwise. */
function signInFlow(snapshot: Snapshot): string {
  if (snapshot.flows.has('login')) return 'login';
  for (const flow of snapshot.flows.values()) {
    if (flow.designation === 'authentication') return flow.name;
  }
  return 'login';
}

/** The reply to what is no navigation, as on the hosts of apps. */
function unauthorized(c: PortalContext, loginUrl: string, reason: string): Response {
  const { requestId } = c.env;
  const json = { reason, login_url: loginUrl, request_id: requestId };
  return c.json(json, 401, pageHeaders(requestId, null));
}

function redirect(c: PortalContext, to: string): Response {
  return c.body(null, 302, { ...pageHeaders(c.env.requestId, null), location: to });
}

/**
 * A file of ours. Pages on app hosts load it across origins; opened by itself, a picture is a document
 * without rights, whatever an operator's SVG contains.
 */
function file(asset: Asset, keep: 'immutable' | 'a day'): Response {
  return new Response(new Uint8Array(asset.body), {
    headers: {
      'content-type': asset.type,
      'cache-control':
        keep === 'immutable'
          ? 'public, max-age=31536000, immutable'
          : `public, max-age=${ICON_AGE}`,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
  });
}

/** Why there is no page. */
type Failure = Pick<Problem, 'status' | 'code' | 'retryAfter'>;

const NO_HANDOVER: Failure = { status: 400, code: 'handover/request', retryAfter: 0 };
const UNKNOWN_PAGE: Failure = { status: 404, code: 'page/unknown', retryAfter: 0 };

function errorPage(
  c: PortalContext,
  { live, pages }: PortalDeps,
  { status, code, retryAfter }: Failure,
): Response {
  const { facts, requestId } = c.env;
  const body = pages.errors.errorPage({
    status,
    code,
    reasons: [],
    requestId,
    host: facts.host,
    user: null,
    signInUrl: null,
    homeUrl: `${live.current.site.origin}/`,
    retryAfter,
    language: c.req.header('accept-language') ?? null,
  });
  const headers: Record<string, string> = {
    ...pageHeaders(requestId, pages.errors.csp),
    'content-type': body.type,
    ...(retryAfter > 0 ? { 'retry-after': String(retryAfter) } : {}),
  };
  return new Response(body.text, { status, headers });
}

/** A public document that programs may cache. */
function publicJson(text: string): Response {
  return new Response(text, {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  });
}

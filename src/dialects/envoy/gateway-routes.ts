/**
 * The routes of hosts. Envoy Gateway upgrades every request that asks for a websocket, so rules let only
 * whole handshakes (RFC 6455 §4.1) reach an app: behind another one, its body could be read as the next
 * request.
 */
import { serviceOf } from '../../core/setup/kubernetes-service.ts';
import {
  authorityOf,
  identifier,
  type ProxyApp,
  type ProxyHost,
  type ProxyPlan,
} from '../../core/setup/proxy-plan.ts';
import { CLIENT } from './filters.ts';
import {
  backend,
  CHECKED,
  ENVOY_GATEWAY,
  GATEWAY_API,
  listenerName,
  NAME,
  type Namespace,
  type Resource,
  resource,
} from './gateway-resources.ts';

/** The names of filters with a fixed reply. */
export const REPLIES = { refused: 'doorward-refused', hidden: 'doorward-hidden' };

/** Every route of the plan. */
export function routes(plan: ProxyPlan): readonly Resource[] {
  return [
    ...(plan.scheme === 'https' ? redirects(plan) : []),
    ownRoute(plan, 'doorward-portal', plan.portal),
    ...plan.apps.flatMap((app) =>
      app.hosts.map((served, at) => {
        const name = routeName(app, at);
        return isDoorwards(app)
          ? ownRoute(plan, name, served)
          : appRoute(plan, { name, app, served });
      }),
    ),
  ];
}

/**
 * Whether Doorward itself proxies the app: one with several members is no Service, and Envoy Gateway
 * would change the path below a base path, sets no Host with a port, and verifies no address in a certificate.
 */
export function isDoorwards({ isBundled, preserveHost, upstream }: ProxyApp): boolean {
  if (isBundled || upstream === null) return isBundled;
  const { authorities, base, host, name, scheme } = upstream;
  return (
    authorities.length > 1 ||
    authorities[0].startsWith('unix:') ||
    base !== '' ||
    (!preserveHost && !isHostname(name)) ||
    (scheme === 'https' && !isHostname(host))
  );
}

/** Whether it is a name without a port, and no address. */
function isHostname(text: string): boolean {
  return /^[0-9.-]*[a-z][a-z0-9.-]*$/.test(text);
}

/** The Service of an app. */
export function appService({ upstream }: ProxyApp): ReturnType<typeof serviceOf> {
  return serviceOf(upstream?.authorities[0] ?? '127.0.0.1:8080');
}

/** The route of an app's host. */
export function routeName({ id }: ProxyApp, at: number): string {
  const name = `doorward-app-${identifier(id).replaceAll('_', '-')}`;
  return at === 0 ? name : `${name}-${at + 1}`;
}

interface Place {
  readonly name: string;
  readonly namespace: Namespace;
  /** Null: every host of the listener. */
  readonly host: string | null;
  readonly listener: string;
}

function httpRoute(plan: ProxyPlan, place: Place, rules: readonly object[]): Resource {
  const { namespace } = serviceOf(plan.doorward);
  const { host, listener } = place;
  return resource([GATEWAY_API, 'v1', 'HTTPRoute'], place, {
    parentRefs: [
      { name: NAME, ...(namespace === null ? {} : { namespace }), sectionName: listener },
    ],
    ...(host === null ? {} : { hostnames: [host] }),
    rules,
  });
}

/** Sends plain HTTP to HTTPS. */
function redirects(plan: ProxyPlan): readonly Resource[] {
  const { namespace } = serviceOf(plan.doorward);
  const others = plan.apps.flatMap((app) =>
    app.hosts.flatMap((served, at) =>
      served.port === plan.portal.port
        ? []
        : [{ name: `${routeName(app, at)}-redirect`, host: served.host, port: served.port }],
    ),
  );
  const all = [{ name: 'doorward-redirect', host: null, port: plan.portal.port }, ...others];
  return all.map(({ name, host, port }) =>
    httpRoute(plan, { name, namespace, host, listener: listenerName('http', 80) }, [
      {
        filters: [
          {
            type: 'RequestRedirect',
            requestRedirect: {
              scheme: 'https',
              statusCode: 301,
              ...(port === 443 ? {} : { port }),
            },
          },
        ],
      },
    ]),
  );
}

function placed(plan: ProxyPlan, name: string, served: ProxyHost): Omit<Place, 'namespace'> {
  return { name, host: served.host, listener: listenerName(plan.scheme, served.port) };
}

/** A host that Doorward serves itself. Checks are asked by Envoy only, never by a client. */
function ownRoute(plan: ProxyPlan, name: string, served: ProxyHost): Resource {
  const service = serviceOf(plan.doorward);
  const place = { ...placed(plan, name, served), namespace: service.namespace };
  return httpRoute(plan, place, [
    { matches: [{ path: prefix('/.doorward/check') }], filters: [fixed(REPLIES.hidden)] },
    {
      matches: [{ path: prefix('/') }],
      timeouts: ENDLESS,
      filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: client(plan) } }],
      backendRefs: [backend(service)],
    },
  ]);
}

/** Uploads, downloads and event streams have no time limit. */
const ENDLESS = { request: '0s' };

interface Served {
  readonly name: string;
  readonly app: ProxyApp;
  readonly served: ProxyHost;
}

function appRoute(plan: ProxyPlan, { name, app, served }: Served): Resource {
  const service = appService(app);
  const forwarded = {
    timeouts: ENDLESS,
    filters: filters(plan, app, served),
    backendRefs: [backend(service)],
  };
  const refused = { filters: [fixed(REPLIES.refused)] };
  const made = httpRoute(plan, { ...placed(plan, name, served), namespace: service.namespace }, [
    // A handshake with a body.
    { matches: FRAMINGS.map((field) => handshake([matching(field, '.+')])), ...refused },
    { matches: [handshake([])], ...forwarded },
    // Any other upgrade.
    { matches: [{ path: prefix('/'), headers: [matching('Upgrade', '.*')] }], ...refused },
    { matches: [{ path: prefix('/') }], ...forwarded },
  ]);
  return { ...made, metadata: { ...made.metadata, labels: CHECKED } };
}

const FRAMINGS = ['Content-Length', 'Transfer-Encoding'];

/** More conditions than other rules have, which Envoy Gateway therefore tries later. */
function handshake(more: readonly object[]): object {
  const own = [matching('Upgrade', '(?i:websocket)'), matching('Sec-WebSocket-Key', '.+')];
  return { path: prefix('/'), method: 'GET', headers: [...own, ...more] };
}

function matching(name: string, value: string): object {
  return { type: 'RegularExpression', name, value };
}

function prefix(value: string): object {
  return { type: 'PathPrefix', value };
}

function fixed(name: string): object {
  return {
    type: 'ExtensionRef',
    extensionRef: { group: ENVOY_GATEWAY, kind: 'HTTPRouteFilter', name },
  };
}

/** The client's address. For a client on its own host, Envoy would write the address of the host. */
function client({ addressFields }: ProxyPlan): readonly object[] {
  return ['X-Forwarded-For', ...addressFields].map((name) => ({ name, value: CLIENT }));
}

/** After the check: what the app learns of the client, and what browsers do not learn of the app. */
function filters(plan: ProxyPlan, app: ProxyApp, served: ProxyHost): readonly object[] {
  const isRenamed = !app.preserveHost && app.upstream !== null;
  const shown = served.host.includes('*') ? '%REQ(:AUTHORITY)%' : authorityOf(plan, served);
  const set = [
    ...client(plan),
    { name: 'X-Forwarded-Port', value: String(served.port) },
    // Envoy Gateway sets it itself beside another Host.
    ...(isRenamed ? [] : [{ name: 'X-Forwarded-Host', value: shown }]),
  ];
  return [
    { type: 'RequestHeaderModifier', requestHeaderModifier: { set } },
    // It would clear the cookies of the whole domain.
    { type: 'ResponseHeaderModifier', responseHeaderModifier: { remove: ['Clear-Site-Data'] } },
    ...(isRenamed
      ? [{ type: 'URLRewrite', urlRewrite: { hostname: app.upstream?.name ?? '' } }]
      : []),
  ];
}

/**
 * Doorward behind Traefik 3: a dynamic configuration file with one forwardAuth middleware.
 * Traefik passes our answer to the client whole. It cannot take one cookie out of a request, but
 * it writes fields of our allow over the client's, so the check answers the Cookie field that apps
 * receive: the client's cookies without the ticket.
 */
import { stringify } from 'yaml';
import {
  type ProxyApp,
  identifier,
  OTHER_VOICES,
  type ProxyHost,
  type ProxyPlan,
  quotedRegex,
} from '../../core/setup/proxy-plan.ts';

interface Router {
  readonly rule: string;
  readonly entryPoints: readonly string[];
  readonly service: string;
  readonly middlewares?: readonly string[];
  readonly priority?: number;
  readonly tls?: object;
}

/** A file for Traefik's file provider. */
export function writeConfig(plan: ProxyPlan): string {
  const routers: Record<string, Router> = {
    'doorward-portal': router(plan, `${hostRule([plan.portal])} && ${NO_CHECK}`, 'doorward', [
      'doorward-voices',
    ]),
  };
  const services: Record<string, object> = { doorward: service(`http://${plan.doorward}`, true) };
  for (const app of plan.apps) addApp(plan, app, routers, services);
  const tree = { http: { routers, middlewares: middlewares(plan), services } };
  return `${head(plan)}${stringify(tree, { lineWidth: 0 })}`;
}

function head(plan: ProxyPlan): string {
  const entry = entryPoint(plan);
  const tls =
    plan.scheme === 'https'
      ? '\n# Change this: tls: {} takes the default certificate; name a certResolver for your own.'
      : '';
  const missing = plan.apps
    .filter((app) => lacksAddress(app) && !app.isBundled)
    .map(
      (app) =>
        `\n# Change this: the route ${app.id} names no upstream that Traefik can reach; its service points at 127.0.0.1:8080.`,
    );
  return `# Doorward behind Traefik 3, written by: doorward generate traefik -c ${plan.file}
# A file for Traefik's file provider. No router takes a request that would upgrade to anything but a
# websocket: Traefik would open a tunnel to the app in which nothing is checked.
# Routers use the entry point ${entry}, port ${plan.portal.port}.${tls}${missing.join('')}
`;
}

/**
 * A handshake is a GET without a body (RFC 6455 §4.1). Behind another request with Upgrade, its body
 * could be read as the next request.
 */
const HANDSHAKE =
  '(!HeaderRegexp(`Upgrade`, `.`) || (Method(`GET`) && !HeaderRegexp(`Content-Length`, `.`)))';

/** Checks are asked by the middleware only, never by a client. */
const NO_CHECK = '!PathPrefix(`/.doorward/check/`)';

/**
 * Matches every value of Upgrade but `websocket`, whatever its case: the length differs, or one
 * letter does, since Go's regular expressions have no lookahead. It matches a list, too, and one
 * such field among several suffices.
 */
const NO_WEBSOCKET = `^(?:.{0,8}$|.{10}|${Array.from(
  'websocket',
  (letter, i) => `${'.'.repeat(i)}[^${letter}${letter.toUpperCase()}]`,
).join('|')})`;

/** Traefik connects to no unix sockets. */
function lacksAddress({ upstream }: ProxyApp): boolean {
  return upstream === null || upstream.authority.startsWith('unix:');
}

function addApp(
  plan: ProxyPlan,
  app: ProxyApp,
  routers: Record<string, Router>,
  services: Record<string, object>,
): void {
  const name = identifier(app.id).replaceAll('_', '-');
  const hosts = hostRule(app.hosts);
  if (app.isBundled) {
    routers[`app-${name}`] = router(plan, `${hosts} && ${NO_CHECK}`, 'doorward', [
      'doorward-voices',
    ]);
    return;
  }
  const own = `PathPrefix(\`/.doorward/\`) && ${NO_CHECK}`;
  routers[`app-${name}`] = router(
    plan,
    // A Connection header that names an identity header would delete that header on the way to the
    // app if the entry point keeps Connection headers (forwardedHeaders.connection). Traefik drops
    // them by default; the rule leaves a request that still has one without a router.
    `${hosts} && !PathPrefix(\`/.doorward/\`) && !HeaderRegexp(\`Connection\`, \`(?i)(${plan.identity.map(quotedRegex).join('|')})\`)`,
    `app-${name}`,
    [
      'doorward-removed',
      'doorward-spellings',
      'doorward',
      ...(app.upstream?.base ? [`base-${name}`] : []),
    ],
  );
  routers[`own-${name}`] = router(plan, `${hosts} && ${own}`, 'doorward', ['doorward-voices']);
  services[`app-${name}`] = service(
    app.upstream === null || lacksAddress(app)
      ? 'http://127.0.0.1:8080'
      : `${app.upstream.scheme}://${app.upstream.authority}`,
    app.preserveHost,
  );
}

function middlewares(plan: ProxyPlan): object {
  const bases = plan.apps.filter((app) => app.upstream !== null && app.upstream.base !== '');
  return {
    doorward: {
      forwardAuth: {
        address: `http://${plan.doorward}/.doorward/check/traefik`,
        trustForwardHeader: false,
        // What of these our answer lacks, Traefik removes from the request.
        authResponseHeaders: [...plan.identity, 'X-Request-Id', 'Cookie'],
      },
    },
    // An empty value deletes a request header.
    'doorward-removed': {
      headers: { customRequestHeaders: emptied(removedBefore(plan)) },
    },
    'doorward-voices': { headers: { customRequestHeaders: emptied(OTHER_VOICES) } },
    'doorward-spellings': { headers: { customRequestHeaders: emptied(plan.forgeries) } },
    ...Object.fromEntries(
      bases.map((app) => [
        `base-${identifier(app.id).replaceAll('_', '-')}`,
        { addPrefix: { prefix: app.upstream?.base ?? '' } },
      ]),
    ),
  };
}

/**
 * What clients send and no app may see. Traefik itself sets X-Forwarded-* and X-Real-IP and ends
 * the fields of one hop; it cannot write Forwarded, and X-Request-Id comes with our answer.
 */
function removedBefore(plan: ProxyPlan): readonly string[] {
  const names = [...plan.removed, 'Forwarded', 'X-Request-Id', ...OTHER_VOICES];
  return [...new Set(names)].filter((name) => name !== 'Trailer');
}

function emptied(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}

function router(plan: ProxyPlan, rule: string, target: string, chain: readonly string[]): Router {
  const plain = `${rule} && !HeaderRegexp(\`Upgrade\`, \`${NO_WEBSOCKET}\`) && ${HANDSHAKE}`;
  const base = {
    rule: plain,
    entryPoints: [entryPoint(plan)],
    middlewares: chain,
    service: target,
  };
  return plan.scheme === 'https' ? { ...base, tls: {} } : base;
}

function service(url: string, passHostHeader: boolean): object {
  return { loadBalancer: { passHostHeader, servers: [{ url }] } };
}

function entryPoint(plan: ProxyPlan): string {
  return plan.scheme === 'https' ? 'websecure' : 'web';
}

/** Traefik matches hosts without their port; a wildcard stands for one label. */
function hostRule(hosts: readonly ProxyHost[]): string {
  const rules = hosts.map(({ host }) =>
    host.startsWith('*.')
      ? `HostRegexp(\`^[^.]+${quotedRegex(host.slice(1))}$\`)`
      : `Host(\`${host}\`)`,
  );
  return rules.length === 1 ? (rules[0] as string) : `(${rules.join(' || ')})`;
}

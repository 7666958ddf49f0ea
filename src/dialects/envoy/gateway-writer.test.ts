/**
 * Manifests for Envoy Gateway: their fields, and that no request reaches an app without a check. The
 * hostile suites run Envoy with what Envoy Gateway makes of them, where its binary is at hand.
 */
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { isOfProxies, removedFields } from '../../core/access/request-fields.ts';
import { foldHeader } from '../../core/access/identity.ts';
import type { ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { gatewayWriter } from './gateway-writer.ts';

/** Names of Kubernetes (RFC 1123 labels). */
const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const metadata = z.strictObject({
  name: label,
  namespace: label.optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
const port = z.int().min(1).max(65_535);
const duration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
const GATEWAY = 'gateway.networking.k8s.io';
const ENVOY = 'gateway.envoyproxy.io';
/** A field value as Envoy Gateway accepts it. */
const value = z.string().regex(/^[!-~]+([\t ]?[!-~]+)*$/);
const header = z.strictObject({ name: z.string().regex(/^[A-Za-z0-9-]+$/), value });
const backendRef = z.strictObject({ name: label, namespace: label.optional(), port });
const target = z.strictObject({ group: z.string(), kind: z.string(), name: label });

function kind<K extends string, S extends z.ZodType>(apiVersion: string, name: K, spec: S) {
  return z.strictObject({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(name),
    metadata,
    spec,
  });
}

const httpRoute = kind(
  `${GATEWAY}/v1`,
  'HTTPRoute',
  z.strictObject({
    parentRefs: z
      .array(z.strictObject({ name: label, namespace: label.optional(), sectionName: label }))
      .length(1),
    hostnames: z
      .array(z.string().regex(/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9-]+)*$/))
      .length(1)
      .optional(),
    rules: z
      .array(
        z.strictObject({
          matches: z
            .array(
              z.strictObject({
                path: z.strictObject({ type: z.literal('PathPrefix'), value: z.string() }),
                method: z.literal('GET').optional(),
                headers: z
                  .array(
                    z.strictObject({
                      type: z.literal('RegularExpression'),
                      name: z.string(),
                      value: z.string().min(1),
                    }),
                  )
                  .max(16)
                  .optional(),
              }),
            )
            .max(64)
            .optional(),
          timeouts: z.strictObject({ request: duration }).optional(),
          filters: z
            .array(
              z.discriminatedUnion('type', [
                z.strictObject({
                  type: z.literal('RequestHeaderModifier'),
                  requestHeaderModifier: z.strictObject({ set: z.array(header).max(16) }),
                }),
                z.strictObject({
                  type: z.literal('ResponseHeaderModifier'),
                  responseHeaderModifier: z.strictObject({ remove: z.array(z.string()).max(16) }),
                }),
                z.strictObject({
                  type: z.literal('URLRewrite'),
                  urlRewrite: z.strictObject({
                    hostname: z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/),
                  }),
                }),
                z.strictObject({
                  type: z.literal('RequestRedirect'),
                  requestRedirect: z.strictObject({
                    scheme: z.literal('https'),
                    statusCode: z.literal(301),
                    port: port.optional(),
                  }),
                }),
                z.strictObject({
                  type: z.literal('ExtensionRef'),
                  extensionRef: z.strictObject({
                    group: z.literal(ENVOY),
                    kind: z.literal('HTTPRouteFilter'),
                    name: label,
                  }),
                }),
              ]),
            )
            .max(16)
            .optional(),
          backendRefs: z.array(backendRef).length(1).optional(),
        }),
      )
      .min(1)
      .max(16),
  }),
);

const resource = z.discriminatedUnion('kind', [
  httpRoute,
  kind(
    `${GATEWAY}/v1`,
    'Gateway',
    z.strictObject({
      gatewayClassName: label,
      listeners: z
        .array(
          z.strictObject({
            name: label,
            protocol: z.enum(['HTTP', 'HTTPS']),
            port,
            tls: z
              .strictObject({
                mode: z.literal('Terminate'),
                certificateRefs: z.array(z.strictObject({ name: label })),
              })
              .optional(),
            allowedRoutes: z.strictObject({
              namespaces: z.strictObject({ from: z.literal('All') }),
            }),
          }),
        )
        .max(64),
    }),
  ),
  kind(
    `${GATEWAY}/v1beta1`,
    'ReferenceGrant',
    z.strictObject({
      from: z.array(z.strictObject({ group: z.string(), kind: z.string(), namespace: label })),
      to: z.array(z.strictObject({ group: z.string(), kind: z.string() })),
    }),
  ),
  kind(
    `${GATEWAY}/v1`,
    'BackendTLSPolicy',
    z.strictObject({
      targetRefs: z.array(target),
      validation: z.strictObject({
        hostname: z.string(),
        wellKnownCACertificates: z.literal('System'),
      }),
    }),
  ),
  kind(
    `${ENVOY}/v1alpha1`,
    'HTTPRouteFilter',
    z.strictObject({ directResponse: z.strictObject({ statusCode: z.int() }) }),
  ),
  kind(
    `${ENVOY}/v1alpha1`,
    'SecurityPolicy',
    z.strictObject({
      targetSelectors: z.array(
        z.strictObject({
          group: z.string(),
          kind: z.string(),
          matchLabels: z.record(z.string(), z.string()),
        }),
      ),
      extAuth: z.strictObject({
        failOpen: z.literal(false),
        timeout: duration,
        grpc: z.strictObject({ backendRefs: z.array(backendRef).length(1) }),
      }),
    }),
  ),
  kind(
    `${ENVOY}/v1alpha1`,
    'ClientTrafficPolicy',
    z.strictObject({
      targetRefs: z.array(target),
      path: z.strictObject({
        escapedSlashesAction: z.literal('KeepUnchanged'),
        disableMergeSlashes: z.literal(true),
      }),
      headers: z.strictObject({
        withUnderscoresAction: z.literal('DropHeader'),
        earlyRequestHeaders: z.strictObject({
          set: z.array(header).max(64),
          remove: z.array(z.string()).min(1).max(64),
          removeOnMatch: z
            .array(
              z.strictObject({
                type: z.enum(['Prefix', 'RegularExpression']),
                value: z.string().min(1).max(1024),
              }),
            )
            .max(64),
        }),
      }),
      timeout: z.strictObject({
        http: z.strictObject({ idleTimeout: duration, streamIdleTimeout: duration }),
      }),
    }),
  ),
]);

type Resource = z.infer<typeof resource>;

/** The manifests; fails if one has a field that the definitions do not have. */
function resources(plan: ProxyPlan): readonly Resource[] {
  return parseAllDocuments(gatewayWriter.write(plan)).map((document) => {
    expect(document.errors).toEqual([]);
    return resource.parse(document.toJS());
  });
}

/** Doorward and the apps as Services, in two namespaces. */
const IN_CLUSTER: ProxyPlan = {
  ...HTTPS,
  doorward: 'doorward.auth.svc.cluster.local:4747',
  grpc: 'doorward.auth.svc.cluster.local:4748',
  apps: HTTPS.apps.map((app) => ({
    ...app,
    upstream:
      app.upstream === null
        ? null
        : {
            ...app.upstream,
            authorities: [`${app.id}.apps.svc.cluster.local:8080`],
            host: `${app.id}.apps.svc.cluster.local`,
            name: `${app.id}.apps.svc.cluster.local`,
          },
  })),
};

describe.each([
  ['http', HTTP],
  ['https', HTTPS],
  ['in a cluster', IN_CLUSTER],
])('manifests for Envoy Gateway: %s', (_, plan) => {
  const all = resources(plan);
  const routes = all.filter((one) => one.kind === 'HTTPRoute');
  const policies = all.filter((one) => one.kind === 'SecurityPolicy');
  const own = routes.find(({ metadata: { name } }) => name === 'doorward-portal');
  const [doorward] = own?.spec.rules.flatMap(({ backendRefs = [] }) => backendRefs) ?? [];

  it('have one name each', () => {
    const names = all.map((one) => [one.kind, one.metadata.namespace, one.metadata.name].join(' '));
    expect([...new Set(names)]).toEqual(names);
  });

  it('check every route that leads to an app, in its own namespace', () => {
    const isOpen = (route: (typeof routes)[number]): boolean =>
      route.metadata.labels?.['doorward'] !== 'checked';
    for (const route of routes.filter(isOpen)) {
      for (const { backendRefs = [] } of route.spec.rules) {
        for (const ref of backendRefs) expect(ref).toEqual(doorward);
      }
    }
    const checked = routes.filter((route) => !isOpen(route));
    expect(checked.length).toBeGreaterThan(0);
    for (const {
      metadata: { namespace },
    } of checked) {
      const found = policies.filter((one) => one.metadata.namespace === namespace);
      expect(found.map((one) => one.spec.targetSelectors)).toEqual([
        [{ group: GATEWAY, kind: 'HTTPRoute', matchLabels: { doorward: 'checked' } }],
      ]);
    }
  });

  it('let only whole websocket handshakes reach an app as upgrades', () => {
    for (const route of routes.filter(({ metadata: { labels } }) => labels !== undefined)) {
      const [bodies, handshake, others, rest] = route.spec.rules;
      const names = (rule: typeof rest) =>
        (rule?.matches ?? []).map(({ headers = [] }) => headers.map((one) => one.name));
      const asking = ['Upgrade', 'Sec-WebSocket-Key'];
      expect(names(bodies)).toEqual([
        [...asking, 'Content-Length'],
        [...asking, 'Transfer-Encoding'],
      ]);
      expect(names(handshake)).toEqual([asking]);
      expect(handshake?.matches?.map(({ method }) => method)).toEqual(['GET']);
      expect(names(others)).toEqual([['Upgrade']]);
      expect(names(rest)).toEqual([[]]);
      for (const rule of [bodies, others]) {
        expect(rule?.backendRefs).toBeUndefined();
        expect(rule?.filters?.map(({ type }) => type)).toEqual(['ExtensionRef']);
      }
    }
  });

  it('serve no check to a client', () => {
    const [first] = own?.spec.rules ?? [];
    expect(first?.matches).toEqual([{ path: { type: 'PathPrefix', value: '/.doorward/check' } }]);
    expect(first?.backendRefs).toBeUndefined();
  });

  it('remove what no app may receive from clients before the check, not after it', () => {
    const [settings] = all.filter((one) => one.kind === 'ClientTrafficPolicy');
    const { remove, removeOnMatch } = settings?.spec.headers.earlyRequestHeaders ?? {};
    const prefixes = removeOnMatch?.filter(({ type }) => type === 'Prefix') ?? [];
    const isRemoved = (name: string): boolean =>
      remove?.includes(name) === true ||
      prefixes.some(({ value: begin }) => name.startsWith(begin));
    for (const name of [...plan.identity, ...removedFields(plan.identity), 'Forwarded']) {
      expect([name, isRemoved(name.toLowerCase())]).toEqual([name, true]);
    }
    for (const { value: begin } of prefixes) expect(isOfProxies(foldHeader(begin))).toBe(true);
    const modified = routes
      .flatMap(({ spec }) => spec.rules.flatMap(({ filters = [] }) => filters))
      .flatMap((one) =>
        one.type === 'RequestHeaderModifier' ? one.requestHeaderModifier.set : [],
      );
    for (const { name } of modified) expect(plan.identity).not.toContain(name);
  });

  it('remove every header name that some app reads as another', () => {
    const [settings] = all.filter((one) => one.kind === 'ClientTrafficPolicy');
    const [odd] = settings?.spec.headers.earlyRequestHeaders.removeOnMatch ?? [];
    const expression = new RegExp(`^(?:${odd?.value})$`);
    for (const name of ['remote_user', 'remote!user', 'remote.user', 'x~']) {
      expect(name).toMatch(expression);
    }
    for (const name of ['remote-user', ':path', 'accept']) expect(name).not.toMatch(expression);
  });
});

describe('manifests for Envoy Gateway', () => {
  const all = resources(IN_CLUSTER);
  const of = (name: string) => all.find((one) => one.metadata.name === name);

  it('let policies of other namespaces name the Service of Doorward', () => {
    const [grant] = all.filter((one) => one.kind === 'ReferenceGrant');
    expect(grant?.metadata.namespace).toBe('auth');
    expect(grant?.spec.from).toEqual([{ group: ENVOY, kind: 'SecurityPolicy', namespace: 'apps' }]);
    expect(gatewayWriter.write(IN_CLUSTER)).not.toContain('is no Service');
  });

  it('pass on to Doorward what Envoy Gateway cannot forward as configured', () => {
    expect(of('doorward-app-wiki')?.metadata.namespace).toBe('apps');
    // Without a Service that is known, and with a base path.
    expect(of('doorward-app-base')?.metadata.namespace).toBe('auth');
    expect(of('doorward-app-whoami')?.metadata.namespace).toBe('auth');
    const [app] = resources(SOCKET).filter((one) => one.metadata.name === 'doorward-app-wiki');
    expect(app?.metadata.labels).toBeUndefined();
  });

  it('verify the certificate of an app by its name', () => {
    const [policy] = all.filter((one) => one.kind === 'BackendTLSPolicy');
    expect(policy?.spec.validation.hostname).toBe('far-away.apps.svc.cluster.local');
  });

  it('need a listener for gRPC that a Service can have', () => {
    const said = 'listen needs an entry with serves: envoy-grpc and a port';
    expect(gatewayWriter.lacks?.({ ...HTTPS, grpc: null })).toBe(said);
    expect(gatewayWriter.lacks?.({ ...HTTPS, grpc: 'unix:/run/grpc.sock' })).toBe(said);
    expect(gatewayWriter.lacks?.(HTTPS)).toBeNull();
  });

  it('are not written if there are more headers than a policy can remove', () => {
    const identity = Array.from({ length: 80 }, (_, i) => `X-Own-${i}`);
    expect(gatewayWriter.lacks?.({ ...HTTPS, identity })).toMatch(/^Envoy Gateway can remove 64 /);
  });
});

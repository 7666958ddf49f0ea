/**
 * Manifests for Traefik. No test runs Traefik with them, since that takes a Kubernetes API: they are
 * compared with the file for Traefik, and with the fields that Traefik's own definitions have.
 */
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import type { ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { writeManifests } from './manifests.ts';
import { dynamicOf } from './writer.ts';

/** Names of Kubernetes (RFC 1123 labels). */
const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const metadata = z.strictObject({ name: label, namespace: label.optional() });
const apiVersion = z.literal('traefik.io/v1alpha1');

const ingressRoute = z.strictObject({
  apiVersion,
  kind: z.literal('IngressRoute'),
  metadata,
  spec: z.strictObject({
    entryPoints: z.array(z.string()),
    routes: z
      .array(
        z.strictObject({
          kind: z.literal('Rule'),
          match: z.string().min(1),
          priority: z.int(),
          middlewares: z.array(z.strictObject({ name: label })),
          services: z
            .array(
              z.strictObject({
                name: label,
                port: z.int().min(1).max(65_535),
                passHostHeader: z.boolean(),
                scheme: z.enum(['http', 'https']).optional(),
                serversTransport: label.optional(),
              }),
            )
            .min(1),
        }),
      )
      .min(1),
    tls: z.strictObject({}).optional(),
  }),
});

const middleware = z.strictObject({
  apiVersion,
  kind: z.literal('Middleware'),
  metadata,
  spec: z
    .strictObject({
      forwardAuth: z.strictObject({
        address: z.url(),
        trustForwardHeader: z.boolean(),
        authResponseHeaders: z.array(z.string()),
      }),
      headers: z.strictObject({ customRequestHeaders: z.record(z.string(), z.string()) }),
      addPrefix: z.strictObject({ prefix: z.string() }),
    })
    .partial(),
});

const serversTransport = z.strictObject({
  apiVersion,
  kind: z.literal('ServersTransport'),
  metadata,
  spec: z.strictObject({ serverName: z.string() }),
});

const resource = z.discriminatedUnion('kind', [ingressRoute, middleware, serversTransport]);

/** The manifests; fails if one has a field that Traefik's definitions do not have. */
function resources(plan: ProxyPlan) {
  const all = parseAllDocuments(writeManifests(plan)).map((document) => {
    expect(document.errors).toEqual([]);
    return resource.parse(document.toJS());
  });
  return {
    all,
    routes: all.filter((one) => one.kind === 'IngressRoute'),
    middlewares: all.filter((one) => one.kind === 'Middleware'),
    transports: all.filter((one) => one.kind === 'ServersTransport'),
  };
}

const ownName = (name: string): string => (name.startsWith('doorward') ? name : `doorward-${name}`);

/** Doorward and an app as Services, in two namespaces. */
const IN_CLUSTER: ProxyPlan = {
  ...HTTPS,
  doorward: 'doorward.auth.svc.cluster.local:4747',
  apps: HTTPS.apps.map((app) => ({
    ...app,
    upstream:
      app.upstream === null
        ? null
        : { ...app.upstream, authorities: [`${app.id}.apps.svc.cluster.local:8080`] },
  })),
};

describe.each([
  ['http', HTTP],
  ['https', HTTPS],
  ['in a cluster', IN_CLUSTER],
])('manifests for Traefik: %s', (_, plan) => {
  const { all, routes, middlewares } = resources(plan);
  const file = dynamicOf(plan);

  it('have the routers of the file, each with its middlewares in the same order', () => {
    const expected = Object.entries(file.routers).map(([name, router]) => ({
      name: ownName(name),
      match: router.rule,
      priority: router.priority,
      entryPoints: router.entryPoints,
      middlewares: (router.middlewares ?? []).map(ownName),
      tls: router.tls,
    }));
    expect(
      routes.map(
        ({
          metadata: { name },
          spec: {
            entryPoints,
            tls,
            routes: [only],
          },
        }) => ({
          name,
          match: only?.match,
          priority: only?.priority,
          entryPoints,
          middlewares: only?.middlewares.map((one) => one.name),
          tls,
        }),
      ),
    ).toEqual(expected);
  });

  it('have the middlewares of the file', () => {
    for (const [name, spec] of Object.entries(file.middlewares)) {
      const made = middlewares.filter(({ metadata: { name: own } }) => own === ownName(name));
      expect(made.length).toBeGreaterThan(0);
      for (const one of made) expect(one.spec).toEqual(spec);
    }
  });

  it('use nothing of another namespace, and nothing that is missing', () => {
    const known = new Set(
      all.map((one) => `${one.kind} ${one.metadata.namespace} ${one.metadata.name}`),
    );
    expect(known.size).toBe(all.length);
    for (const {
      metadata: { namespace },
      spec,
    } of routes) {
      for (const { middlewares: used, services } of spec.routes) {
        for (const { name } of used) expect(known).toContain(`Middleware ${namespace} ${name}`);
        const named = services.flatMap(({ serversTransport: name }) => name ?? []);
        for (const name of named) expect(known).toContain(`ServersTransport ${namespace} ${name}`);
      }
    }
  });
});

describe('manifests for Traefik', () => {
  const { routes, transports } = resources(IN_CLUSTER);
  const of = (name: string) => routes.find((one) => one.metadata.name === name);

  it('are in the namespace of the Service that they lead to', () => {
    expect(of('doorward-portal')?.metadata.namespace).toBe('auth');
    expect(of('doorward-own-wiki')?.metadata.namespace).toBe('auth');
    expect(of('doorward-app-whoami')?.metadata.namespace).toBe('auth');
    expect(of('doorward-app-wiki')?.metadata.namespace).toBe('apps');
    expect(of('doorward-app-wiki')?.spec.routes[0]?.services).toEqual([
      { name: 'wiki', port: 8080, passHostHeader: false },
    ]);
    expect(writeManifests(IN_CLUSTER)).not.toContain('is no Service');
  });

  it('verify the name in the certificate of an app', () => {
    expect(transports.map(({ spec }) => spec)).toEqual([{ serverName: '127.0.0.1' }]);
    expect(of('doorward-app-far-away')?.spec.routes[0]?.services[0]).toMatchObject({
      scheme: 'https',
      serversTransport: 'doorward-app-far-away',
    });
  });

  it('pass on to Doorward what is no single Service', () => {
    const several = {
      ...IN_CLUSTER,
      apps: IN_CLUSTER.apps.slice(0, 1).map((app) => ({
        ...app,
        upstream: {
          scheme: 'http' as const,
          authorities: ['a:80', 'b:80'] as const,
          name: 'a',
          host: 'a',
          base: '/x',
        },
      })),
    };
    for (const plan of [several as ProxyPlan, SOCKET]) {
      const app = resources(plan).routes.find((one) => one.metadata.name === 'doorward-app-wiki');
      const own = resources(plan).routes.find((one) => one.metadata.name === 'doorward-portal');
      expect(app?.spec.routes[0]?.services).toEqual(own?.spec.routes[0]?.services);
      expect(app?.spec.routes[0]?.match).toContain('!PathPrefix(`/.doorward/check/`)');
    }
  });

  it('say what to change', () => {
    expect(writeManifests(HTTPS)).toContain('Change this: 127.0.0.1:4747 is no Service.');
    expect(writeManifests(HTTPS)).toContain('name the Service of the route elsewhere');
  });
});

/** Every proxy speaks HTTP/2 to an app behind `h2c://`, or leaves it to Doorward. */
import { describe, expect, it } from 'vitest';
import { HTTPS } from '../../test/support/proxy-plans.ts';
import type { ProxyPlan } from '../core/setup/proxy-plan.ts';
import { writers } from './index.ts';

const PLAN: ProxyPlan = {
  ...HTTPS,
  apps: HTTPS.apps.slice(0, 1).map((app) => ({
    ...app,
    upstream: {
      scheme: 'h2c',
      authorities: ['rpc.rooms.svc.cluster.local:50051'],
      name: 'rpc.rooms.svc.cluster.local:50051',
      host: 'rpc.rooms.svc.cluster.local',
      base: '',
    },
  })),
};

/** For what names no app. */
const NO_APP = /^(?![^]*50051)/;

/** What says so in each language. */
const SAID: Readonly<Record<string, string | RegExp>> = {
  nginx: 'grpc_pass grpc://doorward_app_wiki;',
  npm: 'grpc_pass grpc://$server:$port;',
  swag: 'set $doorward_app grpc://rpc.rooms.svc.cluster.local:50051;',
  'ingress-nginx': 'nginx.ingress.kubernetes.io/backend-protocol: GRPC',
  traefik: 'url: h2c://rpc.rooms.svc.cluster.local:50051',
  'traefik-labels': 'traefik.http.services.app-wiki.loadbalancer.server.scheme=h2c',
  'traefik-crd': 'scheme: h2c',
  caddy: 'reverse_proxy h2c://rpc.rooms.svc.cluster.local:50051 {',
  haproxy: 'server app rpc.rooms.svc.cluster.local:50051 proto h2',
  envoy: 'http2_protocol_options: {}',
  // Doorward and the app.
  'envoy-grpc': /http2_protocol_options: \{\}[^]*http2_protocol_options: \{\}/,
  'haproxy-lua': NO_APP,
  apache: NO_APP,
  // Envoy Gateway sends no Host with a port.
  'gateway-api': NO_APP,
};

/** Names that a file for nginx sets or empties, without those that HTTP/2 does not have. */
function fieldsOf(text: string): (string | undefined)[] {
  return [...text.matchAll(/(?:proxy|grpc)_set_header (\S+)/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'Upgrade' && name !== 'Connection');
}

describe.each(writers.map((writer) => [writer.target, writer] as const))(
  'the file of %s',
  (target, writer) => {
    const text = writer.write({ ...PLAN, grpc: '127.0.0.1:4748' });

    it('says how to speak to the app', () => {
      expect(text).toMatch(SAID[target] ?? `a line for ${target}`);
    });

    it('sets and removes the same fields for it as for other apps', () => {
      const [app] = HTTPS.apps;
      const other = writer.write({
        ...HTTPS,
        grpc: '127.0.0.1:4748',
        apps: app === undefined ? [] : [app],
      });
      expect(fieldsOf(text)).toEqual(fieldsOf(other));
    });
  },
);

it('Gateway API leaves the protocol to the Service', () => {
  const apps = PLAN.apps.map((app) => ({ ...app, preserveHost: true }));
  const plan = { ...PLAN, apps, grpc: '127.0.0.1:4748' };
  expect(writers.find(({ target }) => target === 'gateway-api')?.write(plan)).toContain(
    'the Service port of the route wiki needs appProtocol: kubernetes.io/h2c.',
  );
});

it('nginx writes every field of a gRPC app in the words of gRPC', () => {
  const text = writers.find(({ target }) => target === 'nginx')?.write(PLAN) ?? '';
  const [, location = ''] =
    /\n( {4}location \/ \{\n {8}set \$doorward_method[^}]*\})/.exec(text) ?? [];
  expect(location).toContain('grpc_set_header Remote-User $doorward_remote_user;');
  expect(location).not.toMatch(/proxy_(?:pass|set_header)/);
});

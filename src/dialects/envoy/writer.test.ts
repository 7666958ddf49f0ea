/** What `generate` writes. test/journeys/envoy.test.ts runs it in a real Envoy if one is installed. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HTTP, HTTPS, SOCKET } from '../../../test/support/proxy-plans.ts';
import { removedFields } from '../../core/access/request-fields.ts';
import type { ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { httpWriter } from './http-writer.ts';

interface Host {
  readonly name: string;
  readonly domains: readonly string[];
  readonly routes: readonly Readonly<Record<string, unknown>>[];
  readonly typed_per_filter_config?: object;
}

/** The parts of the file that are read here. */
interface Tree {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly {
        readonly filters: readonly {
          readonly typed_config: Readonly<Record<string, unknown>> & {
            readonly http_filters: readonly {
              readonly name: string;
              readonly typed_config: Readonly<Record<string, never>>;
            }[];
            readonly route_config: { readonly virtual_hosts: readonly Host[] };
          };
        }[];
      }[];
    }[];
    readonly clusters: readonly Readonly<Record<string, unknown>>[];
  };
}

const treeOf = (plan: ProxyPlan): Tree['static_resources'] =>
  (parse(httpWriter.write(plan)) as Tree).static_resources;

function managerOf(plan: ProxyPlan) {
  const manager = treeOf(plan).listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  if (manager === undefined) throw new Error('no connection manager');
  return manager;
}

describe.each([HTTP, HTTPS])('a configuration for Envoy over $scheme', (plan) => {
  const manager = managerOf(plan);
  const { virtual_hosts: hosts } = manager.route_config;
  const filterNamed = (name: string) =>
    manager.http_filters.find((filter) => filter.name === `envoy.filters.http.${name}`)
      ?.typed_config;

  it('GEN-envoy-disabled: asks about every app, whatever the route', () => {
    const apps = plan.apps.filter((app) => !app.isBundled);
    const asked = hosts.filter((host) => host.typed_per_filter_config === undefined);
    expect(asked.map(({ name }) => name)).toEqual(
      apps.flatMap(({ id, hosts: served }) => served.map(({ host }) => `${id}: ${host}`)),
    );
    expect(JSON.stringify(asked)).not.toContain('ext_authz');
  });

  it('reaches only Doorward where it does not ask', () => {
    for (const host of hosts.filter((one) => one.typed_per_filter_config !== undefined)) {
      const clusters = host.routes.flatMap(({ route }) =>
        route === undefined ? [] : [(route as { cluster: string }).cluster],
      );
      expect(clusters.filter((cluster) => cluster !== 'doorward')).toEqual([]);
    }
  });

  it('accepts no check from a client, and serves no unknown host', () => {
    const portal = hosts.find(({ name }) => name === 'portal');
    expect(portal?.routes[0]).toEqual({
      match: { prefix: '/.doorward/check/' },
      direct_response: { status: 404 },
    });
    expect(hosts.at(-1)).toMatchObject({
      domains: ['*'],
      routes: [{ direct_response: { status: 421 } }],
    });
  });

  it('keeps paths as they were sent, and upgrades nothing by default', () => {
    expect(manager).toMatchObject({
      normalize_path: false,
      merge_slashes: false,
      path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
      use_remote_address: true,
      upgrade_configs: [{ upgrade_type: 'websocket', enabled: false }],
    });
  });

  it('cleans a request, then asks, and opens nothing if there is no reply', () => {
    expect(manager.http_filters.map(({ name }) => name.replace('envoy.filters.http.', ''))).toEqual(
      ['header_mutation', 'ext_authz', 'lua', 'router'],
    );
    expect(filterNamed('ext_authz')).toMatchObject({
      failure_mode_allow: false,
      clear_route_cache: false,
      encode_raw_headers: true,
      http_service: { path_prefix: '/.doorward/check/envoy', server_uri: { timeout: '5s' } },
    });
  });

  it('GEN-headers: removes headers that no app may receive from clients', () => {
    const { mutations } = filterNamed('header_mutation') as unknown as {
      mutations: { request_mutations: readonly Record<string, unknown>[] };
    };
    const removes = (name: string): boolean =>
      mutations.request_mutations.some((mutation) => {
        if (mutation['remove'] === name) return true;
        const found = mutation['remove_on_match'] as { key_matcher: { prefix?: string } };
        return found?.key_matcher.prefix !== undefined && name.startsWith(found.key_matcher.prefix);
      });
    const names = [
      ...plan.identity,
      ...removedFields([]),
      'X-Real-IP',
      'Forwarded',
      'X-Request-Id',
    ];
    expect(names.filter((name) => !removes(name.toLowerCase()))).toEqual([]);
  });

  it('GEN-header-names: removes names that are not plain, but no pseudo-header', () => {
    const text = httpWriter.write(plan);
    const [, written = ''] = /regex: "?(\[\^:\]\*.*?)"?$/m.exec(text) ?? [];
    const odd = new RegExp(`^(?:${written})$`);
    for (const name of ['remote_user', 'remote!user', '~', 'a.b', '.a', 'a.']) {
      expect([name, odd.test(name)]).toEqual([name, true]);
    }
    for (const name of ['remote-user', ':path', ':authority', 'x', ':method']) {
      expect([name, odd.test(name)]).toEqual([name, false]);
    }
  });
});

describe('a configuration for Envoy', () => {
  it('writes the name of each host itself, except under a wildcard', () => {
    const { virtual_hosts: hosts } = managerOf(HTTPS).route_config;
    const texts = new Map(hosts.map((host) => [host.name, JSON.stringify(host)]));
    expect(texts.get('wiki: wiki.example.com')).not.toContain(':AUTHORITY');
    expect(texts.get('far-away: *.far.example.com')).toContain('%REQ(:AUTHORITY)%');
  });

  it('verifies the certificate of an app against its own name', () => {
    const far = treeOf(HTTPS).clusters.find(({ name }) => name === 'app_far_away');
    expect(JSON.stringify(far)).toContain(
      '"san_type":"IP_ADDRESS","matcher":{"exact":"127.0.0.1"}',
    );
  });

  it('UP-unix: connects to an app on a unix socket, and to Doorward on one', () => {
    const { clusters } = treeOf({ ...SOCKET, doorward: 'unix:/run/doorward.sock' });
    expect(JSON.stringify(clusters)).toContain('"pipe":{"path":"/run/app.sock"}');
    expect(JSON.stringify(clusters)).toContain('"pipe":{"path":"/run/doorward.sock"}');
  });

  it('redirects plain HTTP of each host to HTTPS, and no other host', () => {
    const redirects = treeOf(HTTPS).listeners[1]?.filter_chains[0]?.filters[0]?.typed_config;
    const hosts = redirects?.route_config.virtual_hosts ?? [];
    expect(hosts.at(-1)).toMatchObject({ routes: [{ direct_response: { status: 421 } }] });
    expect(hosts.slice(0, -1).every(({ routes }) => routes[0]?.['redirect'] !== undefined)).toBe(
      true,
    );
    expect(treeOf(HTTP).listeners).toHaveLength(1);
  });

  it('listens on each port, with the hosts of that port', () => {
    const [wiki, ...others] = HTTP.apps;
    if (wiki === undefined) throw new Error('no app');
    const twice = {
      ...wiki,
      hosts: [{ host: 'wiki.example.com', port: 9443, matching: null, rank: 0 }],
      id: 'second',
    };
    const { listeners } = treeOf({ ...HTTP, apps: [wiki, ...others, twice] });
    const names = listeners.map(({ filter_chains: [chain] }) =>
      chain?.filters[0]?.typed_config.route_config.virtual_hosts.map(({ name }) => name),
    );
    expect(names).toHaveLength(2);
    expect(names[0]).toContain('wiki: wiki.example.com');
    expect(names[1]).toEqual(['second: wiki.example.com', 'unknown']);
  });
});

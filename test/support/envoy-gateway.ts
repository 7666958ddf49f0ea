/**
 * Envoy with the listener, filters and routes that Envoy Gateway makes of the generated resources
 * (internal/xds/translator, 1.9): its defaults, and what the resources change. A Service is a port of
 * this machine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Front } from './fronts.ts';
import { findBinary } from './packages.ts';
import { isListening, startProgram } from './program.ts';

interface Resource {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- the test of the writer compares the fields
  readonly spec: any;
}

interface Match {
  readonly path: { readonly value: string };
  readonly method?: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

interface Filter {
  readonly type: string;
  readonly requestHeaderModifier?: { readonly set: readonly Pair[] };
  readonly responseHeaderModifier?: { readonly remove: readonly string[] };
  readonly urlRewrite?: { readonly hostname: string };
  readonly extensionRef?: { readonly name: string };
}

interface Pair {
  readonly name: string;
  readonly value: string;
}

interface Rule {
  readonly matches: readonly Match[];
  readonly timeouts?: { readonly request: string };
  readonly filters?: readonly Filter[];
  readonly backendRefs?: readonly { readonly port: number }[];
}

/** Envoy Gateway, if Envoy’s binary is on PATH. */
export const envoyGatewayFront: Front = {
  generator: 'gateway-api',
  listen: ({ port, spare }) =>
    `[127.0.0.1:${port}, { at: "127.0.0.1:${spare}", serves: envoy-grpc, trusts: peer }]`,
  isHere: () => findBinary('envoy') !== null,
  start({ dir, port, text }) {
    const file = join(dir, 'envoy.json');
    const resources = parseAllDocuments(text).map((document) => document.toJS() as Resource);
    writeFileSync(file, JSON.stringify(translated(resources, port)));
    const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '-l', 'info'];
    return startProgram(findBinary('envoy') ?? 'envoy', args, {
      isReady: async (output) => output.includes('starting workers') && isListening(port),
    });
  },
};

const TYPE = 'type.googleapis.com/envoy.extensions.';

function translated(resources: readonly Resource[], port: number): object {
  const of = (kind: string): readonly Resource[] => resources.filter((one) => one.kind === kind);
  const ports = new Set<number>();
  const virtual_hosts = of('HTTPRoute').map((route) => {
    const checks = of('SecurityPolicy').filter(({ spec }) => selects(spec, route));
    const rules = route.spec.rules as readonly Rule[];
    const routes = rules.flatMap((rule) => {
      for (const { port: at } of rule.backendRefs ?? []) ports.add(at);
      return rule.matches.map((match) => ({ match, route: routeOf(rule, match, resources) }));
    });
    return {
      name: route.metadata.name,
      domains: route.spec.hostnames,
      routes: routes.toSorted(byPrecedence).map(({ route: made }) => ({
        ...made,
        typed_per_filter_config: Object.fromEntries(
          checks.map((one) => [
            filterName(one),
            { '@type': `${TYPE}filters.http.ext_authz.v3.ExtAuthzPerRoute`, check_settings: {} },
          ]),
        ),
      })),
    };
  });
  const [client] = of('ClientTrafficPolicy');
  const http_filters = [
    ...of('SecurityPolicy').map((policy) => {
      ports.add(grpcPort(policy));
      return checkFilter(policy);
    }),
    {
      name: 'envoy.filters.http.router',
      typed_config: {
        '@type': `${TYPE}filters.http.router.v3.Router`,
        suppress_envoy_headers: true,
      },
    },
  ];
  const grpc = new Set(of('SecurityPolicy').map(grpcPort));
  return {
    static_resources: {
      clusters: [...ports].map((at) => cluster(at, grpc.has(at))),
      listeners: [
        {
          name: 'doorward',
          address: { socket_address: { address: '127.0.0.1', port_value: port } },
          per_connection_buffer_limit_bytes: 32_768,
          max_connections_to_accept_per_socket_event: 1,
          filter_chains: [{ filters: [manager(client?.spec, { http_filters, virtual_hosts })] }],
        },
      ],
    },
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- as above
function manager(settings: any, { http_filters, virtual_hosts }: Record<string, object>): object {
  const { set, remove, removeOnMatch } = settings.headers.earlyRequestHeaders as {
    readonly set: readonly Pair[];
    readonly remove: readonly string[];
    readonly removeOnMatch: readonly { readonly type: string; readonly value: string }[];
  };
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'http-doorward',
      common_http_protocol_options: {
        headers_with_underscores_action: UNDERSCORES[settings.headers.withUnderscoresAction],
        idle_timeout: settings.timeout.http.idleTimeout,
      },
      stream_idle_timeout: settings.timeout.http.streamIdleTimeout,
      http2_protocol_options: {
        initial_connection_window_size: 1_048_576,
        initial_stream_window_size: 65_536,
        max_concurrent_streams: 100,
      },
      early_header_mutation_extensions: [
        {
          name: 'envoy.http.early_header_mutation.header_mutation',
          typed_config: {
            '@type': `${TYPE}http.early_header_mutation.header_mutation.v3.HeaderMutation`,
            mutations: [
              ...set.map((pair) => ({ append: added(pair) })),
              ...remove.map((name) => ({ remove: name })),
              ...removeOnMatch.map(({ type, value }) => ({
                remove_on_match: {
                  key_matcher:
                    type === 'Prefix' ? { prefix: value } : { safe_regex: { regex: value } },
                },
              })),
            ],
          },
        },
      ],
      http_filters,
      merge_slashes: settings.path.disableMergeSlashes !== true,
      normalize_path: true,
      path_with_escaped_slashes_action: SLASHES[settings.path.escapedSlashesAction],
      server_header_transformation: 'PASS_THROUGH',
      use_remote_address: true,
      route_config: { ignore_port_in_host_matching: true, virtual_hosts },
    },
  };
}

const UNDERSCORES: Readonly<Record<string, string>> = { DropHeader: 'DROP_HEADER' };
const SLASHES: Readonly<Record<string, string>> = { KeepUnchanged: 'KEEP_UNCHANGED' };

// oxlint-disable-next-line typescript/no-explicit-any -- as above
function selects(policy: any, { metadata }: Resource): boolean {
  const [selector] = policy.targetSelectors as readonly { matchLabels: Record<string, string> }[];
  const wanted = Object.entries(selector?.matchLabels ?? {});
  return wanted.every(([name, value]) => metadata.labels?.[name] === value);
}

function filterName({ metadata }: Resource): string {
  return `envoy.filters.http.ext_authz/securitypolicy/${metadata.name}`;
}

function grpcPort({ spec }: Resource): number {
  return (spec.extAuth.grpc.backendRefs as readonly { port: number }[])[0]?.port ?? 0;
}

function checkFilter(policy: Resource): object {
  const { timeout, failOpen } = policy.spec.extAuth as { timeout: string; failOpen: boolean };
  return {
    name: filterName(policy),
    disabled: true,
    typed_config: {
      '@type': `${TYPE}filters.http.ext_authz.v3.ExtAuthz`,
      failure_mode_allow: failOpen,
      grpc_service: {
        envoy_grpc: { cluster_name: `port-${grpcPort(policy)}`, authority: 'doorward.auth:4748' },
        timeout,
      },
      transport_api_version: 'V3',
    },
  };
}

function routeOf(rule: Rule, match: Match, resources: readonly Resource[]): object {
  const filters = rule.filters ?? [];
  const reply = filters.find(({ extensionRef }) => extensionRef !== undefined)?.extensionRef?.name;
  const headers = [
    ...(match.method === undefined
      ? []
      : [{ name: ':method', string_match: { exact: match.method } }]),
    ...(match.headers ?? []).map(({ name, value }) => ({
      name,
      string_match: { safe_regex: { regex: value } },
    })),
  ];
  const { value } = match.path;
  const matched = {
    match: { ...(value === '/' ? { prefix: '/' } : { path_separated_prefix: value }), headers },
  };
  if (reply !== undefined) {
    const found = resources.find(
      (one) => one.kind === 'HTTPRouteFilter' && one.metadata.name === reply,
    );
    return { ...matched, direct_response: { status: found?.spec.directResponse.statusCode } };
  }
  const hostname = filters.flatMap(({ urlRewrite }) => urlRewrite?.hostname ?? [])[0];
  return {
    ...matched,
    request_headers_to_add: filters
      .flatMap(({ requestHeaderModifier }) => requestHeaderModifier?.set ?? [])
      .map(added),
    response_headers_to_remove: filters.flatMap(
      ({ responseHeaderModifier }) => responseHeaderModifier?.remove ?? [],
    ),
    route: {
      cluster: `port-${rule.backendRefs?.[0]?.port}`,
      timeout: rule.timeouts?.request,
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      ...(hostname === undefined
        ? {}
        : { host_rewrite_literal: hostname, append_x_forwarded_host: true }),
    },
  };
}

function added({ name, value }: Pair): object {
  return { header: { key: name, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}

/** The longest path first, then the most headers; a method counts as one. */
function byPrecedence(a: { readonly match: Match }, b: { readonly match: Match }): number {
  const headers = ({ match }: { readonly match: Match }): number =>
    (match.headers?.length ?? 0) + (match.method === undefined ? 0 : 1);
  return b.match.path.value.length - a.match.path.value.length || headers(b) - headers(a);
}

function cluster(port: number, isGrpc: boolean): object {
  const name = `port-${port}`;
  const address = { socket_address: { address: '127.0.0.1', port_value: port } };
  return {
    name,
    connect_timeout: '10s',
    per_connection_buffer_limit_bytes: 32_768,
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
    ...(isGrpc
      ? {
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': `${TYPE}upstreams.http.v3.HttpProtocolOptions`,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
        }
      : {}),
  };
}

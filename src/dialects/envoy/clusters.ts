/** Where requests and checks go: Doorward and the apps, as clusters of Envoy. */
import { identifier, type ProxyApp } from '../../core/setup/proxy-plan.ts';
import { typed } from './typed.ts';

/** One cluster. */
export interface Cluster {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** The cluster of an app, by its route. */
export function appCluster({ id }: Pick<ProxyApp, 'id'>): string {
  return `app_${identifier(id)}`;
}

/** Plain HTTP to one address, or to several with ports. */
export function plainCluster(name: string, addresses: readonly string[]): Cluster {
  const isSocket = addresses.some((address) => address.startsWith('unix:'));
  const lb_endpoints = addresses.map((address) => ({ endpoint: { address: addressOf(address) } }));
  return {
    name,
    type: isSocket ? 'STATIC' : 'STRICT_DNS',
    connect_timeout: '5s',
    ...(addresses.length > 1 ? { lb_policy: 'LEAST_REQUEST' } : {}),
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints }],
    },
  };
}

/** HTTP/2 in cleartext to all addresses. */
export function http2Cluster(name: string, addresses: readonly string[]): Cluster {
  return {
    ...plainCluster(name, addresses),
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  };
}

/** An app's upstream. Without one, an address that the operator must change. */
export function clusterOf(app: ProxyApp): Cluster {
  const cluster = plainCluster(appCluster(app), app.upstream?.authorities ?? ['127.0.0.1:8080']);
  if (app.upstream === null || app.upstream.scheme === 'http') return cluster;
  if (app.upstream.scheme === 'h2c') return http2Cluster(cluster.name, app.upstream.authorities);
  const { host } = app.upstream;
  const isAddress = /^[0-9.]+$|^\[|:/.test(host);
  const name = host.replace(/^\[|\]$/g, '');
  return {
    ...cluster,
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: typed('transport_sockets.tls.v3.UpstreamTlsContext', {
        ...(isAddress ? {} : { sni: name }),
        common_tls_context: {
          validation_context: {
            trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
            match_typed_subject_alt_names: [
              { san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: name } },
            ],
          },
        },
      }),
    },
  };
}

function addressOf(text: string): object {
  if (text.startsWith('unix:')) return { pipe: { path: text.slice('unix:'.length) } };
  const colon = text.lastIndexOf(':');
  const address = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { socket_address: { address, port_value: Number(text.slice(colon + 1)) } };
}

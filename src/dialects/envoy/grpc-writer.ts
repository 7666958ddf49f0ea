/** ext_authz with a gRPC service. */
import type { ProxyPlan, ProxyWriter } from '../../core/setup/proxy-plan.ts';
import { http2Cluster } from './clusters.ts';
import { writeEnvoy } from './writer.ts';

/** `doorward generate envoy-grpc`. */
export const grpcWriter: ProxyWriter = {
  target: 'envoy-grpc',
  reachesSockets: true,
  setsAddressFields: true,
  lacks: ({ grpc }) => (grpc === null ? 'listen needs an entry with serves: envoy-grpc' : null),
  write: (plan) =>
    writeEnvoy(plan, { target: 'envoy-grpc', service: SERVICE, clusters: [cluster(plan)] }),
};

const CLUSTER = 'doorward_grpc';

const SERVICE = {
  grpc_service: { envoy_grpc: { cluster_name: CLUSTER }, timeout: '5s' },
};

function cluster({ grpc }: ProxyPlan) {
  if (grpc === null) throw new TypeError('a plan without an address for gRPC');
  return http2Cluster(CLUSTER, [grpc]);
}

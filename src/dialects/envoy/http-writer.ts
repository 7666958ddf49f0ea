/** ext_authz with an HTTP service. */
import type { ProxyPlan, ProxyWriter } from '../../core/setup/proxy-plan.ts';
import { writeEnvoy } from './writer.ts';

/** `doorward generate envoy`. */
export const httpWriter: ProxyWriter = {
  target: 'envoy',
  reachesSockets: true,
  setsAddressFields: true,
  write: (plan) => writeEnvoy(plan, { target: 'envoy', service: service(plan), clusters: [] }),
};

function service(plan: ProxyPlan): object {
  const uri = plan.doorward.startsWith('unix:') ? 'http://doorward' : `http://${plan.doorward}`;
  return {
    // By now, no field remains that a client must not send. Those of the connection stay here.
    allowed_headers: { patterns: [{ safe_regex: { regex: '[a-z0-9-]+' } }] },
    disallowed_headers: {
      patterns: [{ exact: 'connection' }, { exact: 'upgrade' }, { exact: 'transfer-encoding' }],
    },
    http_service: {
      server_uri: { uri, cluster: 'doorward', timeout: '5s' },
      path_prefix: '/.doorward/check/envoy',
      authorization_response: {
        allowed_upstream_headers: {
          patterns: [...plan.identity, 'X-Request-Id', 'Cookie'].map((name) => ({
            exact: name,
            ignore_case: true,
          })),
        },
      },
    },
  };
}

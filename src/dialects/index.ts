/**
 * The dialects with a check path, in reading order, `direct` for the built-in reverse
 * proxy, and `envoyGrpc`, whose checks arrive in another protocol.
 */
import type { ProxyDialect, ProxyWriter } from '../core/setup/proxy-plan.ts';
import { caddy } from './caddy/dialect.ts';
import { direct } from './direct/dialect.ts';
import { envoy, envoyGrpc } from './envoy/dialect.ts';
import { haproxy } from './haproxy/dialect.ts';
import { ingressNginx } from './ingress-nginx/dialect.ts';
import { nginx } from './nginx/dialect.ts';
import { traefik } from './traefik/dialect.ts';

export const dialects: readonly ProxyDialect[] = [
  nginx,
  ingressNginx,
  traefik,
  caddy,
  envoy,
  haproxy,
];

/** What `doorward generate` writes, in the order of its help. */
export const writers: readonly ProxyWriter[] = [...dialects, envoyGrpc, direct].flatMap(
  (one) => one.writers,
);

export { direct, envoyGrpc };

/**
 * Every way for a request to reach an app: through the gateway itself, or a proxy that queries it.
 */
import {
  apacheFront,
  caddyFront,
  envoyFront,
  envoyGrpcFront,
  type Front,
  haproxyFront,
  nginxFront,
  traefikFront,
} from '../support/fronts.ts';
import { envoyGatewayFront } from '../support/envoy-gateway.ts';
import { ingressNginxFront } from '../support/ingress-nginx.ts';
import { npmFront } from '../support/npm.ts';
import { swagFront } from '../support/swag.ts';

/** A way to the apps. */
export interface Mode {
  readonly name: string;
  /** The proxy in front; null: the gateway itself. */
  readonly front: Front | null;
}

export const ownProxy: Mode = { name: 'own proxy', front: null };
export const behindNginx: Mode = { name: 'nginx', front: nginxFront };
export const behindIngressNginx: Mode = { name: 'ingress-nginx', front: ingressNginxFront };
export const behindNpm: Mode = { name: 'Nginx Proxy Manager', front: npmFront };
export const behindSwag: Mode = { name: 'SWAG', front: swagFront };
export const behindCaddy: Mode = { name: 'Caddy', front: caddyFront };
export const behindApache: Mode = { name: 'Apache', front: apacheFront };
export const behindHaproxy: Mode = { name: 'HAProxy', front: haproxyFront };
export const behindTraefik: Mode = { name: 'Traefik', front: traefikFront };
export const behindEnvoy: Mode = { name: 'Envoy', front: envoyFront };
export const behindEnvoyGrpc: Mode = { name: 'Envoy over gRPC', front: envoyGrpcFront };
export const behindEnvoyGateway: Mode = { name: 'Envoy Gateway', front: envoyGatewayFront };

/** Whether a mode's program is excluded, or is optional and not installed. */
export function isAway({ front }: Mode): boolean {
  return front !== null && !front.isHere();
}

/**
 * A target as the proxy checks it and sends it on. Traefik resolves dot segments, collapses slashes
 * and normalizes escapes before it asks (sanitizePath, normalizePath; RFC 3986 §6.2.2).
 */
export function sentOn({ front }: Mode, target: string): string {
  if (front?.generator !== 'traefik') return target;
  const [path = '', ...query] = target.split('?');
  const normal = path
    .replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
      const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return /^[\w.~-]$/.test(character) ? character : escape.toUpperCase();
    })
    .replaceAll(/\/+/g, '/');
  const kept: string[] = [];
  for (const segment of normal.split('/').slice(1)) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return [`/${kept.join('/')}`, ...query].join('?');
}

/** Every way a request can come to an app: through the gateway itself, or a proxy that asks it. */
import { caddyFront, type Front, nginxFront, traefikFront } from '../support/fronts.ts';

/** A way to the apps. */
export interface Mode {
  readonly name: string;
  /** What stands in front; null: the gateway itself. */
  readonly front: Front | null;
}

export const ownProxy: Mode = { name: 'own proxy', front: null };
export const behindNginx: Mode = { name: 'nginx', front: nginxFront };
export const behindCaddy: Mode = { name: 'Caddy', front: caddyFront };
export const behindTraefik: Mode = { name: 'Traefik', front: traefikFront };

/** Whether a mode's program is left out, or is only tried where it happens to be. */
export function isAway({ front }: Mode): boolean {
  return front !== null && !front.isHere();
}

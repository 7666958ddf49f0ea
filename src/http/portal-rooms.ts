/** The portal's rooms: which handler serves which paths of the portal's host. */
import type { PortalHandler } from './portal-endpoint.ts';

/** One room. */
export interface PortalRoom {
  /** Serves this path and all below it; ends with `/`. */
  readonly path: `/${string}/` | '/';
  readonly app: PortalHandler;
}

/** One handler over the rooms, in order: the first whose path fits gets the request. */
export function joinRooms(
  rooms: readonly [...PortalRoom[], PortalRoom & { path: '/' }],
): PortalHandler {
  return (request, env) => {
    const { path } = env.facts;
    const room = rooms.find((candidate) => path.startsWith(candidate.path));
    if (room === undefined) throw new TypeError(`no room of the portal serves ${path}`);
    return room.app(request, env);
  };
}

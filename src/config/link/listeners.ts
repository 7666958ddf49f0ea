/** The public listeners and the one for operators, which must not be the same. */
import {
  isLoopback,
  type ListenAddress,
  type Listener,
  parseListenAddress,
} from '../settings/listen-address.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** Where to listen. */
export interface Listeners {
  readonly listen: readonly Listener[];
  readonly admin: ListenAddress | null;
  /** Whether only this machine reaches the public ones. */
  readonly isLoopback: boolean;
}

/** The listeners; faults are noted for those that cannot be read. */
export function linkListeners(config: Config, root: Spot): Listeners {
  const listen = config.listen
    .map((entry, index) => {
      const spot =
        config.listen.length === 1 ? below(root, 'listen') : below(root, 'listen', index);
      return linkListener(entry, spot);
    })
    .filter((address) => address !== null);
  const spot = below(root, 'admin', 'listen');
  const { listen: text } = config.admin;
  const admin = text === 'off' ? null : linkOne(text, spot);
  if (admin !== null && listen.some((address) => isSame(address, admin))) {
    blame(spot, 'health and metrics have a listener of their own, never the public one');
  }
  return { listen, admin, isLoopback: listen.every(isLoopback) };
}

function linkListener(entry: Config['listen'][number], spot: Spot): Listener | null {
  if (typeof entry === 'string') return linkOne(entry, spot);
  const address = linkOne(entry.at, below(spot, 'at'));
  if (address === null || entry.trusts === undefined) return address;
  if (isLoopback(address)) return { ...address, trusts: entry.trusts };
  const message =
    'every host that reaches this listener could forge the address it comes from; use a unix socket or a loopback address, or name your proxies in trusted_proxies';
  blame(below(spot, 'trusts'), message);
  return null;
}

function linkOne(text: string, spot: Spot): ListenAddress | null {
  const address = parseListenAddress(text);
  if (address !== null) return address;
  const port = /^:?(\d{1,5})$/.exec(text)?.[1];
  const hint = port === undefined ? suggest(text, ['off']) : `"127.0.0.1:${port}"`;
  blame(spot, 'expected host:port such as 127.0.0.1:4747, or unix:/path', hint);
  return null;
}

/** Port 0 is another one each time. */
function isSame(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === 'unix' || b.kind === 'unix') {
    return a.kind === 'unix' && b.kind === 'unix' && a.path === b.path;
  }
  return a.port === b.port && a.port !== 0 && a.host === b.host;
}

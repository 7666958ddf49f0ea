/** Links the public listeners and the admin listener, which must differ. */
import {
  isLoopback,
  type ListenAddress,
  type Listener,
  parseListenAddress,
} from '../settings/listen-address.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { linkTrustedProxies } from './trusted-proxies.ts';

type ListenerConfig = Exclude<Config['listen'][number], string>;

/** The listeners of a gateway. */
export interface Listeners {
  readonly listen: readonly Listener[];
  readonly admin: ListenAddress | null;
  /** Whether only this machine can reach the public listeners. */
  readonly isLoopback: boolean;
}

/** The listeners. Notes faults for those that cannot be parsed. */
export function linkListeners(config: Config, root: Spot): Listeners {
  const listen = config.listen
    .map((entry, index) => {
      const spot =
        config.listen.length === 1 ? below(root, 'listen') : below(root, 'listen', index);
      const listener = linkListener(entry, config.trusted_proxies, spot);
      return listener === null ? null : { ...listener, ...servedBy(entry, spot) };
    })
    .filter((address) => address !== null);
  if (listen.length > 0 && listen.every(({ serves }) => serves !== undefined)) {
    blame(below(root, 'listen'), 'expected a listener without serves, where browsers sign in');
  }
  const spot = below(root, 'admin', 'listen');
  const { listen: text } = config.admin;
  const admin = text === 'off' ? null : linkOne(text, spot);
  if (admin !== null && listen.some((address) => isSame(address, admin))) {
    blame(spot, 'expected another address than listen: health and metrics must not be public');
  }
  return { listen, admin, isLoopback: listen.every(isLoopback) };
}

/** What a listener serves if that is not HTTP. */
function servedBy(entry: Config['listen'][number], spot: Spot): Pick<Listener, 'serves'> {
  if (typeof entry === 'string' || entry.serves === undefined) return {};
  if (entry.proxy_protocol) {
    blame(below(spot, 'proxy_protocol'), 'has no effect beside serves: Envoy connects directly');
  }
  if (entry.http2) {
    blame(below(spot, 'http2'), 'has no effect beside serves: gRPC is HTTP/2 in any case');
  }
  return { serves: entry.serves };
}

function linkListener(
  entry: Config['listen'][number],
  shared: Config['trusted_proxies'],
  spot: Spot,
): Listener | null {
  if (typeof entry === 'string') return linkOne(entry, spot);
  const address = linkOne(entry.at, below(spot, 'at'));
  const trusts = linkTrusts(entry.trusts, address, below(spot, 'trusts'));
  if (address === null) return null;
  if (entry.proxy_protocol && !isTrusting(address, trusts ?? shared)) {
    const message =
      'no peer of this listener may send a PROXY header: name your proxies in trusts or trusted_proxies';
    blame(below(spot, 'proxy_protocol'), message);
  }
  return {
    ...address,
    ...(trusts === undefined ? {} : { trusts }),
    ...(entry.proxy_protocol ? { proxyProtocol: true } : {}),
    ...(entry.http2 ? { http2: true } : {}),
  };
}

function linkTrusts(
  trusts: ListenerConfig['trusts'],
  address: ListenAddress | null,
  spot: Spot,
): Listener['trusts'] {
  if (Array.isArray(trusts)) return linkTrustedProxies(trusts, spot);
  if (trusts === 'peer' && address !== null && !isLoopback(address)) {
    const message =
      'every host that reaches this listener could forge client addresses; use a unix socket or a loopback address, or list your proxies: trusts: [10.0.0.2]';
    blame(spot, message);
  }
  return trusts;
}

/** Whether the entries contain any peer that this kind of listener can have. */
function isTrusting({ kind }: ListenAddress, trusts: 'peer' | readonly string[]): boolean {
  if (trusts === 'peer') return true;
  return trusts.some((entry) => (entry === 'unix') === (kind === 'unix'));
}

function linkOne(text: string, spot: Spot): ListenAddress | null {
  const address = parseListenAddress(text);
  if (address !== null) return address;
  const port = /^:?(\d{1,5})$/.exec(text)?.[1];
  const hint = port === undefined ? suggest(text, ['off']) : `"127.0.0.1:${port}"`;
  blame(spot, 'expected host:port such as 127.0.0.1:4747, or unix:/path', hint);
  return null;
}

/** Whether two addresses are the same. Port 0 never is: it is any free port. */
function isSame(a: ListenAddress, b: ListenAddress): boolean {
  if (a.kind === 'unix' || b.kind === 'unix') {
    return a.kind === 'unix' && b.kind === 'unix' && a.path === b.path;
  }
  return a.port === b.port && a.port !== 0 && a.host === b.host;
}

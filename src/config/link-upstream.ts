/** Where an app is. Never the gateway itself, never an URL with more in it than a place. */
import { suggest } from './document.ts';
import type { ListenAddress } from './listen-address.ts';
import { DEMOS, type Demo } from './settings.ts';
import { blame, type Spot } from './spot.ts';

/** What upstreams are judged against. */
export interface UpstreamTools {
  readonly listen: readonly ListenAddress[];
  /** Whether demo apps may be used: every listener is loopback. */
  readonly mayDemo: boolean;
  /** Origins of running demo apps; null before any is started. */
  readonly demoOrigins: Readonly<Partial<Record<Demo, string>>> | null;
  /** Takes note of a demo app. */
  readonly demo: (name: Demo) => void;
}

/** The upstream's origin and base path, or null once its fault has been noted. */
export function linkUpstream(text: string, spot: Spot, tools: UpstreamTools): string | null {
  if (text.startsWith('demo:')) return linkDemo(text, spot, tools);
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null) {
    const hint = /^[a-z0-9.-]+:\d+$/i.test(text) ? `"http://${text}"` : null;
    blame(spot, 'expected where the app is, such as http://wiki:8080', hint);
    return null;
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) {
    blame(spot, 'expected an origin and at most a path: no user, no query, no fragment');
    return null;
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (tools.listen.some((at) => at.kind === 'tcp' && at.port === port && isSelf(url, at.host))) {
    blame(spot, 'this is where Doorward itself listens; expected where the app is');
    return null;
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function isSelf(url: URL, host: string): boolean {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const isAny = host === '0.0.0.0' || host === '::';
  const isEither = name === 'localhost' && isLocal(host);
  return name === host || isEither || (isLocal(name) && (isAny || host === 'localhost'));
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function linkDemo(text: string, spot: Spot, tools: UpstreamTools): string | null {
  const name = text.slice(5);
  const known = DEMOS.find((demo) => demo === name);
  if (known === undefined) {
    const expected = DEMOS.map((d) => `demo:${d}`);
    blame(spot, `no such demo app, expected ${expected.join(' or ')}`, suggest(text, expected));
    return null;
  }
  if (!tools.mayDemo) {
    blame(spot, 'demo apps are for trying things out: every listener must be on loopback');
    return null;
  }
  tools.demo(known);
  if (tools.demoOrigins === null) return text;
  const origin = tools.demoOrigins[known];
  if (origin === undefined) blame(spot, 'demo apps start with the gateway: restart it');
  return origin ?? null;
}

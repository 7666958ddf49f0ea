/**
 * Snapshots, routes and facts in a short form, for unit tests. Linked as the configuration links
 * them.
 */
import { type RawRequest, type RequestFacts, readFacts } from '../../src/core/request/facts.ts';
import type { CertificateRule } from '../../src/core/credential/certificate.ts';
import type { Issuer } from '../../src/core/proof/jwt.ts';
import { canonicalHost } from '../../src/core/request/host.ts';
import { identitySource, reservedNames } from '../../src/core/access/identity.ts';
import {
  IDENTITY_PRESETS,
  type IdentityPreset,
  type PresetName,
} from '../../src/core/access/identity-presets.ts';
import type { IdentityHeaders } from '../../src/core/people/identity.ts';
import { type Binding, type PolicySet, NO_POLICIES } from '../../src/core/policy/policy.ts';
import { isRefusal } from '../../src/core/request/refusal.ts';
import type { Site } from '../../src/core/access/return-to.ts';
import type { Accepts } from '../../src/core/routes/accepts.ts';
import { type Route, type Rule, routeTable } from '../../src/core/routes/route.ts';
import { domainWith } from '../../src/core/setup/domain.ts';
import type { Live, Snapshot } from '../../src/core/setup/snapshot.ts';
import { plainUpstream, type UpstreamGroup } from '../../src/core/routes/upstream.ts';
import type { ErrorPages } from '../../src/core/setup/views.ts';

/** A route in a short form. */
export interface RouteWords {
  readonly id: string;
  /** Defaults to `<id>.example.com`. */
  readonly host?: string;
  readonly upstream?: string | UpstreamGroup;
  /**
   * Pattern → `public`, `session`, the bindings that must all pass, or what it accepts. `/**` defaults to
   * `session`.
   */
  readonly paths?: Readonly<Record<string, 'public' | 'session' | readonly Binding[] | Accepts>>;
  readonly origins?: readonly string[];
  /** Defaults to that of the snapshot. */
  readonly identity?: IdentityHeaders;
  /** Of all its rules. Defaults to sessions alone. */
  readonly accepts?: Accepts;
}

/** The parts of a snapshot; all have a default. */
export interface SnapshotWords {
  /** Defaults to `https://auth.example.com`. */
  readonly publicUrl?: string;
  /** Defaults to one route `wiki` on `wiki.example.com` for every signed-in user. */
  readonly routes?: readonly RouteWords[];
  /** Canonical addresses; defaults to `127.0.0.1`. */
  readonly trusted?: readonly string[];
  readonly identity?: IdentityHeaders;
  /** Default: none. */
  readonly issuers?: readonly Issuer[];
  /** Default: none. */
  readonly certificates?: readonly CertificateRule[];
  /** The header of `client_address`. */
  readonly clientField?: string;
}

/** A binding that always returns this verdict. */
export function testBinding(pass: boolean, changes: Partial<Binding> = {}): Binding {
  return {
    name: 'dummy',
    evaluate: () => ({ pass, reason: { code: pass ? 'dummy/pass' : 'dummy/fail' } }),
    negate: false,
    otherwise: null,
    expires: null,
    dryRun: false,
    needs: [],
    field: null,
    at: 'routes[0].policies[0]',
    line: '',
    ...changes,
  };
}

/** Remote-User, Remote-Groups, Remote-Name, Remote-Email, as shipped; no assertion. */
export function testIdentity(assertion: string | null = null): IdentityHeaders {
  const sources = {
    'Remote-User': 'user.name',
    'Remote-Groups': 'user.groups',
    'Remote-Name': 'user.display_name',
    'Remote-Email': 'user.email',
  };
  const headers = Object.entries(sources).map(([name, path]) => {
    const value = identitySource(path);
    if (value === null) throw new Error(`no identity source ${path}`);
    return { name, value };
  });
  return { headers, assertions: assertion === null ? [] : [assertion] };
}

/** The headers of one preset. */
export function presetIdentity(name: PresetName): IdentityHeaders {
  const { headers, list, assertions }: IdentityPreset = IDENTITY_PRESETS[name];
  const format = { unverifiedEmail: false, list };
  return {
    headers: Object.entries(headers).map(([header, path]) => ({
      name: header,
      value: identitySource(path, format) ?? (() => path),
    })),
    assertions,
  };
}

/** A linked snapshot. */
export function testSnapshot(words: SnapshotWords = {}): Snapshot {
  const origin = words.publicUrl ?? 'https://auth.example.com';
  const scheme = origin.startsWith('https:') ? 'https' : 'http';
  const authority = canonicalHost(origin.slice(scheme.length + 3), scheme);
  if (authority === null) throw new Error(`no origin: ${origin}`);
  const identity = words.identity ?? testIdentity();
  const routes = (words.routes ?? [{ id: 'wiki' }]).map((route, index) =>
    testRoute({ identity, ...route }, index),
  );
  const trusted = new Set(words.trusted ?? ['127.0.0.1']);
  const site: Site = { origin, scheme, ...authority };
  return {
    site,
    domains: [domainWith(site, 'example.com')],
    table: routeTable(routes),
    identity: reservedNames([identity, ...routes.map((route) => route.identity)], {
      clientField: words.clientField ?? null,
      certificateField: words.certificates?.[0]?.header ?? null,
    }),
    flows: new Map(),
    sources: new Map(),
    session: {
      idle: 3_600_000,
      lifetime: 12 * 3_600_000,
      cookies: 'domain',
      cookieName: scheme === 'https' ? '__Secure-doorward' : 'doorward',
    },
    isTrustedProxy: (address) => trusted.has(address),
    disclosure: { everybody: 'reasons', groups: new Map() },
    signOutTo: { home: null, listed: new Set() },
    issuers: words.issuers ?? [],
    certificates: words.certificates ?? [],
    brand: { name: 'Doorward', accent: '#345', logo: null },
  };
}

/** A snapshot that can be swapped. */
export function testLive(snapshot: Snapshot = testSnapshot()): Live & { current: Snapshot } {
  return { current: snapshot };
}

/** A group of one app that must respond within 30 s. */
function groupOf(upstream: string | UpstreamGroup | null): UpstreamGroup | null {
  return typeof upstream === 'string' ? plainUpstream(upstream, 30_000) : upstream;
}

function testRoute(words: RouteWords, index: number): Route {
  const host = words.host ?? `${words.id}.example.com`;
  const { upstream = null } = words;
  const passage = { upstream: groupOf(upstream), stripPrefix: '', addPrefix: '' };
  const paths: NonNullable<RouteWords['paths']> = { '/**': 'session', ...words.paths };
  return {
    id: words.id,
    title: words.id,
    hosts: [{ name: host.replace(/:\d+$/, ''), ports: [Number(/:(\d+)$/.exec(host)?.[1] ?? 0)] }],
    upstream: passage.upstream,
    answers: { internalRedirects: false, publicCache: false },
    identity: words.identity ?? testIdentity(),
    origins: words.origins ?? [],
    rules: Object.entries(paths).map(([pattern, demand]): Rule => {
      const own = typeof demand === 'object' && 'session' in demand ? demand : undefined;
      const bindings = typeof demand === 'object' && !('session' in demand) ? demand : [];
      const gate: PolicySet = bindings.length === 0 ? NO_POLICIES : { match: 'all', bindings };
      return {
        name: pattern === '/**' ? words.id : `${words.id} ${pattern}`,
        pattern,
        expression: null,
        methods: null,
        public: demand === 'public',
        closed: false,
        publicIf: null,
        flow: 'login',
        policies: gate,
        maxAge: null,
        factorAge: null,
        accepts: own ?? words.accepts ?? null,
        tokensSuffice: false,
        passage,
        at: `routes[${index}]`,
        line: '',
      };
    }),
    preserveHost: false,
    takesAuthorization: words.accepts !== undefined,
    strictPaths: false,
    frontControllers: [],
    prefixes: [],
    cors: null,
    signOut: { paths: null, to: [] },
  };
}

/** Facts of a request to `https://wiki.example.com/`, with changes; throws if they are refused. */
export function testFacts(
  changes: Partial<Omit<RawRequest, 'header'>> = {},
  headers: Readonly<Record<string, string>> = { accept: 'text/html' },
  viaTrustedProxy = false,
): RequestFacts {
  const raw: RawRequest = {
    method: 'GET',
    scheme: 'https',
    authority: 'wiki.example.com',
    target: '/',
    clientIp: '192.0.2.7',
    header: (name) => (Object.hasOwn(headers, name) ? (headers[name] as string) : null),
    ...changes,
  };
  const facts = readFacts(raw, { trusted: viaTrustedProxy });
  if (isRefusal(facts)) throw new Error(facts.detail);
  return facts;
}

/** Pages that print their arguments. */
export const fakePages: ErrorPages = {
  csp: "default-src 'none'",
  errorPage: (view) => ({
    type: 'text/html; charset=utf-8',
    text: `<h1>${view.status} ${view.code}</h1>`,
  }),
  embeddedPage: ({ context, url }) => ({
    type: 'text/html; charset=utf-8',
    text: `<h1>${context} ${url}</h1>`,
  }),
  embeddedCsp: 'frame-ancestors *',
  unsentPage: ({ url, form }) => ({
    type: 'text/html; charset=utf-8',
    text: `<h1>${url} ${form.fields.length}</h1>`,
  }),
  unsentCsp: "form-action 'self'",
};

/** Hypothetical requests and visitors for `explain` and the tests of `check`. Pure. */
import { type Address, parseAddress } from '../../core/request/address.ts';
import type { DecideInput } from '../../core/access/decide.ts';
import type { GrantVisitor, SessionVisitor } from '../../core/access/decision.ts';
import { grantOf, jwtGrant } from '../../core/routes/grant.ts';
import type { Given } from '../../core/setup/expectation.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import type { Json } from '../../core/values/json.ts';
import type { SignalName, Signals } from '../../core/policy/policy.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import { isLive, type Session } from '../../core/people/session.ts';
import type { CertificateFault, JwtFault, Token } from '../../core/people/token.ts';
import { type Judging, type Jwt, judgeJwt, termOf } from '../../core/proof/jwt.ts';
import { isAccepted } from '../../core/routes/accepts.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { User } from '../../core/people/user.ts';

/** A hypothetical request. */
export interface Query {
  /** Full URL with scheme and host. */
  readonly url: string;
  readonly method: string;
  /** An address. */
  readonly ip: string;
  /** By lowercase name. Without fetch metadata, the request opens a page. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers of a browser that opens a page. */
const NAVIGATION: Readonly<Record<string, string>> = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
};

/** The facts that the gateway would read; null if the URL is not full or `ip` is not an address. */
export function factsOf({ url, method, ip, headers }: Query): RequestFacts | Refusal | null {
  const parts = /^(https?):\/\/([^/?#]*)([^#]*)(?:#.*)?$/i.exec(url);
  const [, scheme = '', authority = '', target = ''] = parts ?? [];
  const address = parseAddress(ip);
  if (parts === null || address === null) return null;
  const all = { ...NAVIGATION, ...headers };
  return readFacts({
    method: method.toUpperCase(),
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    authority,
    target: target.startsWith('/') ? target : `/${target}`,
    clientIp: canonicalIp(address, ip),
    header: (name) => (Object.hasOwn(all, name) ? (all[name] as string) : null),
  });
}

/** The address as the gateway writes it; IPv6 by RFC 5952, which the URL standard follows. */
function canonicalIp(address: Address, text: string): string {
  return address.length === 4
    ? address.join('.')
    : new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** A visitor with a session that each method proved some time ago; or why there is none. */
export function visitorOf(
  user: User,
  { methods, ip }: Pick<Given, 'methods' | 'ip'>,
  now: number,
  { idle, lifetime }: Snapshot['session'],
): SessionVisitor | string {
  if (user.disabled) return `${user.name} is disabled and has no session`;
  const proofs = methods
    .map(({ method, age }) => ({ method, at: now - age }))
    .sort((a, b) => a.at - b.at);
  const createdAt = proofs[0]?.at ?? now;
  const session: Session = {
    v: 1,
    id: 'made-up',
    userId: user.id,
    proofs,
    createdAt,
    seenAt: now,
    expiresAt: createdAt + lifetime,
    idle,
    client: { ip, agent: 'doorward' },
  };
  if (!isLive(session, now)) return `a session of ${user.name} that began so long ago has ended`;
  return { session, user };
}

/**
 * A visitor with a token, in the scheme that the rules of the request accept. `token` describes it; an
 * invented one has no end.
 */
export function bearerOf(
  user: User,
  token: Token | Pick<Token, 'routes' | 'methods' | 'networks'>,
  { table, facts }: Pick<DecideInput, 'table' | 'facts'>,
): GrantVisitor | string {
  if (user.disabled) return `${user.name} is disabled, and so are the tokens`;
  const found = table.find(facts);
  const isBearer = 'refused' in found || isAccepted(found.rules, 'bearer');
  const whole = { ...INVENTED, userId: user.id, ...token };
  return { session: null, user, grant: grantOf(whole, isBearer ? 'bearer' : 'basic') };
}

/** A visitor with a JSON Web Token whose signature is right; or why it does not count. */
export async function jwtBearerOf(
  jwt: Jwt,
  judging: Pick<Judging, 'issuers' | 'directory' | 'now'>,
): Promise<GrantVisitor | JwtFault> {
  const judged = await judgeJwt(jwt, { ...judging, verify: () => Promise.resolve(null) });
  if (typeof judged === 'string') return judged;
  return { session: null, user: judged.user, grant: jwtGrant(judged.issuer, termOf(jwt)) };
}

/** Whether there is no visitor because a JSON Web Token or certificate does not count. */
export function isCredentialFault(found: unknown): found is JwtFault | CertificateFault {
  return typeof found === 'string' && /^(?:jwt|certificate)\/[a-z-]+$/.test(found);
}

const INVENTED: Token = {
  id: 'made-up',
  textName: '',
  userId: '',
  name: '',
  routes: [],
  methods: [],
  networks: [],
  createdAt: 0,
  expiresAt: null,
  lastUsedAt: null,
};

/** The given signals among those that are needed: by full name, or by the name without its bound. */
export function givenSignals(
  names: readonly SignalName[],
  given: Readonly<Record<string, Json>>,
): Signals {
  const found = names.flatMap((name): [string, Json][] => {
    const key = [name, name.split(':', 1)[0] as string].find((one) => Object.hasOwn(given, one));
    return key === undefined ? [] : [[name, given[key] as Json]];
  });
  return Object.fromEntries(found);
}

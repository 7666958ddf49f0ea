/**
 * Classes through which an expression sees users, sessions and requests; the language identifies
 * its types by class. Fields are computed when read, and only declared fields are readable.
 */
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Address,
  type Network,
  PRIVATE_NETWORKS,
} from '../../core/request/address.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Json } from '../../core/values/json.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Session } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import { isRecord } from '../../core/values/record.ts';

/** Maximum nesting of attributes. */
const DEEPEST = 8;

export class UserView {
  readonly #user: User;
  readonly #longest: number;
  constructor(user: User, longest: number) {
    this.#user = user;
    this.#longest = longest;
  }
  get id(): string {
    return this.#user.id;
  }
  get name(): string {
    return this.#user.name;
  }
  /** Empty unless verified: rules must not trust an unverified address. */
  get email(): string {
    return this.#user.emailVerified ? this.#user.email : '';
  }
  get email_verified(): boolean {
    return this.#user.emailVerified;
  }
  get display_name(): string {
    return this.#user.displayName;
  }
  get groups(): readonly string[] {
    return bounded(this.#user.groups, this.#longest);
  }
  get attributes(): ReadonlyMap<string, unknown> {
    return jsonMap(this.#user.attributes, this.#longest);
  }
  get disabled(): boolean {
    return this.#user.disabled;
  }
}

export class SessionView {
  readonly #session: Session;
  readonly #now: number;
  constructor(session: Session, now: number) {
    this.#session = session;
    this.#now = now;
  }
  get methods(): readonly string[] {
    return this.#session.proofs.map((proof) => proof.method);
  }
  get created_at(): Date {
    return new Date(this.#session.createdAt);
  }
  /** In seconds; a bigint, because that is the language's int. */
  get age(): bigint {
    return BigInt(Math.max(0, Math.floor((this.#now - this.#session.createdAt) / 1000)));
  }
}

export class ClientView {
  readonly ip: string;
  /** For our functions; the language does not see this field. */
  readonly address: Address;
  constructor(ip: string, address: Address) {
    this.ip = ip;
    this.address = address;
  }
  get private(): boolean {
    return this.#isWithin(PRIVATE_NETWORKS);
  }
  get loopback(): boolean {
    return this.#isWithin(LOOPBACK_NETWORKS);
  }
  #isWithin(networks: readonly Network[]): boolean {
    return networks.some((network) => isIn(network, this.address));
  }
}

export class RequestView {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly query: string;
  readonly kind: string;
  /** For the policy; the language does not see this field. */
  isPathRead = false;
  readonly #path: string;
  /** `path`: one reading of it. */
  constructor(facts: RequestFacts, path: string) {
    this.method = facts.method;
    this.scheme = facts.scheme;
    this.host = facts.host;
    this.#path = path;
    this.query = facts.query;
    this.kind = facts.kind;
  }
  get path(): string {
    this.isPathRead = true;
    return this.#path;
  }
}

export class RouteView {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class FlowView {
  readonly name: string;
  readonly designation: string;
  constructor(name: string, designation: string) {
    this.name = name;
    this.designation = designation;
  }
}

/**
 * Caches converted attributes by list limit and source object; a cached user remains the same
 * object.
 */
const converted = new Map<number, WeakMap<object, ReadonlyMap<string, unknown>>>();

/**
 * Converts JSON to Maps and lists, so prototypes are out of reach. Throws a Problem if it is too
 * large.
 */
export function jsonMap(
  json: Readonly<Record<string, Json>>,
  longest: number,
): ReadonlyMap<string, unknown> {
  let known = converted.get(longest);
  if (known === undefined) converted.set(longest, (known = new WeakMap()));
  let map = known.get(json);
  if (map === undefined) known.set(json, (map = asMap(json, longest, 0)));
  return map;
}

function asMap(
  json: Readonly<Record<string, Json>>,
  longest: number,
  depth: number,
): ReadonlyMap<string, unknown> {
  const entries = bounded(Object.entries(json), longest);
  return new Map(entries.map(([key, value]) => [key, asValue(value, longest, depth + 1)]));
}

function asValue(json: Json, longest: number, depth: number): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (depth > DEEPEST) throw new Problem('policy/data', 'the attributes are nested too deep');
  if (isRecord(json)) return asMap(json, longest, depth);
  return bounded(json, longest).map((v) => asValue(v, longest, depth + 1));
}

function bounded<T>(list: readonly T[], longest: number): readonly T[] {
  if (list.length <= longest) return list;
  throw new Problem('policy/data', `a list has more than ${longest} members`);
}

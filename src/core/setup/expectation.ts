/**
 * Tests that operators write beside routes and flows: a given request or run, and the expected
 * result. Plain data; `doorward check` evaluates them with the code that decides real requests.
 */

import type { Issuer } from '../proof/jwt.ts';
import type { FlowEvent } from '../policy/policy.ts';
import type { Token } from '../people/token.ts';
import type { User } from '../people/user.ts';
import type { Json } from '../values/json.ts';

/** Who sends the request, from where and when. */
export interface Given {
  /**
   * Username or email address of a directory user, an invented user, or null for an anonymous
   * visitor.
   */
  readonly user: string | User | null;
  /** How the user was proved, and how long ago in milliseconds. Empty without a user. */
  readonly methods: readonly { readonly method: string; readonly age: number }[];
  /** The token that the request shows in place of a session, or null. */
  readonly token: Pick<Token, 'routes' | 'methods' | 'networks'> | null;
  /** The JSON Web Token that it shows: an issuer of the configuration, and claims; or null. */
  readonly jwt: { readonly issuer: Issuer; readonly claims: Readonly<Record<string, Json>> } | null;
  /** Canonical address. */
  readonly ip: string;
  /** Epoch milliseconds; null for now. */
  readonly time: number | null;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** By name, with or without its bound. A signal that is not listed is missing. */
  readonly signals: Readonly<Record<string, Json>>;
}

interface Named {
  readonly name: string;
  /** `tests[3]` */
  readonly at: string;
  /** `config/doorward.yaml:12:5` */
  readonly line: string;
  readonly given: Given;
}

/** The expected decision about a request. */
export interface RouteExpectation extends Named {
  readonly kind: 'route';
  /** Absolute, with scheme and host. */
  readonly url: string;
  readonly method: string;
  readonly expect: {
    readonly decision: 'allow' | 'authenticate' | 'deny';
    /** One of the reasons. Null accepts any, also for the fields below. */
    readonly reason: string | null;
    readonly flow: string | null;
    readonly status: number | null;
  };
}

/** The expected result of a run of a flow. */
export interface FlowExpectation extends Named {
  readonly kind: 'flow';
  readonly flow: string;
  /** Whether the methods were proved by an existing session rather than in this run. */
  readonly isSignedIn: boolean;
  /** How the run began; null for the flow's default, or else a visit. */
  readonly event: FlowEvent | null;
  /** The URL the user came from and returns to, or null. */
  readonly url: string | null;
  /** Ids of the stages that run, in order; or the reason why the flow refuses the user. */
  readonly expect: { readonly stages: readonly string[] } | { readonly refused: string };
}

export type Expectation = RouteExpectation | FlowExpectation;

/**
 * Tests that operators write beside routes and flows: who asks for what, and what must come of it.
 * Plain data; `doorward check` runs them with the very code that decides.
 */

import type { FlowEvent } from '../access/policy.ts';
import type { User } from '../people/user.ts';
import type { Json } from '../values/json.ts';

/** Who asks, from where and when. */
export interface Given {
  /** Name or address that a directory knows, somebody made up, or nobody. */
  readonly user: string | User | null;
  /** How they were proved and how long ago, in milliseconds; empty without a user. */
  readonly methods: readonly { readonly method: string; readonly age: number }[];
  /** Canonical address. */
  readonly ip: string;
  /** Epoch milliseconds; null: now. */
  readonly time: number | null;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** By name, with or without its bound; one that is not given is missing. */
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

/** What must come of a request. */
export interface RouteExpectation extends Named {
  readonly kind: 'route';
  /** Whole, with scheme and host. */
  readonly url: string;
  readonly method: string;
  readonly expect: {
    readonly decision: 'allow' | 'authenticate' | 'deny';
    /** One of the reasons; null: any will do. So are the following. */
    readonly reason: string | null;
    readonly flow: string | null;
    readonly status: number | null;
  };
}

/** What must come of a run of a flow. */
export interface FlowExpectation extends Named {
  readonly kind: 'flow';
  readonly flow: string;
  /** Whether they came with a session that the methods proved, rather than proving them here. */
  readonly isSignedIn: boolean;
  /** How the run was begun; null: as the flow says, or by a visit. */
  readonly event: FlowEvent | null;
  /** Where they came from and go back to, or null. */
  readonly url: string | null;
  /** Ids of the stages that stand, in order; or a reason for which the flow is refused. */
  readonly expect: { readonly stages: readonly string[] } | { readonly refused: string };
}

export type Expectation = RouteExpectation | FlowExpectation;

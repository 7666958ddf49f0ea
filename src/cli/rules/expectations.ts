/**
 * Runs the tests that operators write beside routes and flows. Each is evaluated by the code that
 * decides real requests, and a failure lists its reasons. Changes nothing.
 */
import { decide, neededFor } from '../../core/access/decide.ts';
import type { Decision, Visitor } from '../../core/access/decision.ts';
import { traceOf } from '../../core/access/decision-trace.ts';
import type { User } from '../../core/people/user.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { inventedJwt } from '../../core/proof/jwt.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import type { Expectation, RouteExpectation } from '../../core/setup/expectation.ts';
import type { Bench, TestResult } from './bench.ts';
import { shortTrace } from './explanation.ts';
import { evaluateFlow } from './flow-expectation.ts';
import {
  bearerOf,
  factsOf,
  givenSignals,
  isCredentialFault,
  jwtBearerOf,
  visitorOf,
} from './question.ts';

/** A test with another result than expected. */
export interface Failure extends Omit<TestResult, 'isAsExpected'> {
  readonly name: string;
  readonly at: string;
  readonly line: string;
}

/** The failed tests, in order. */
export async function failuresOf(
  tests: readonly Expectation[],
  bench: Bench,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const test of tests) {
    const result = await run(test, bench);
    if (result.isAsExpected) continue;
    const { name, at, line } = test;
    const { expected, got, because } = result;
    failures.push({ name, at, line, expected, got, because });
  }
  return failures;
}

/** One failure as `check` prints it. */
export function failureText({ name, at, line, expected, got, because }: Failure): string {
  return `${line} ${at} (${name}): expected ${expected}, got ${got}; because ${because}`;
}

async function run(test: Expectation, bench: Bench): Promise<TestResult> {
  const { user: meant } = test.given;
  const user = typeof meant === 'string' ? await bench.find(meant) : meant;
  if (typeof meant === 'string' && user === null) {
    const because =
      'no directory has this user; give groups or attributes to test without a directory';
    const expected = `user ${meant}`;
    return { isAsExpected: false, expected, got: 'no such user', because };
  }
  return test.kind === 'route' ? evaluateRoute(test, user, bench) : evaluateFlow(test, user, bench);
}

async function evaluateRoute(
  test: RouteExpectation,
  user: User | null,
  bench: Bench,
): Promise<TestResult> {
  const { given, expect } = test;
  const expected = [expect.decision, expect.status, expect.flow, expect.reason]
    .filter((part) => part !== null)
    .join(' ');
  const facts = factsOf({ ...test, ip: given.ip, headers: given.headers });
  if (facts === null || isRefusal(facts)) return unreadable(test, facts, expected);
  const visitor = await visitorFor(test, user, facts, bench);
  const decision = decided(facts, visitor, test, bench);
  const note = typeof visitor === 'string' ? `${visitor}; ` : '';
  return {
    isAsExpected:
      decision.kind === expect.decision &&
      (expect.status === null || (decision.kind === 'deny' && decision.status === expect.status)) &&
      (expect.flow === null ||
        (decision.kind === 'authenticate' && decision.flow === expect.flow)) &&
      (expect.reason === null || decision.reasons.some(({ code }) => code === expect.reason)),
    expected,
    got: gotText(decision),
    because: note + shortTrace(traceOf(decision)),
  };
}

/** Who sends the request, or why it is no one. */
async function visitorFor(
  { given }: RouteExpectation,
  user: User | null,
  facts: RequestFacts,
  { snapshot, now: started, find }: Bench,
): Promise<Visitor | string | null> {
  const now = given.time ?? started;
  const { table, session } = snapshot;
  const { token, jwt } = given;
  if (jwt !== null) {
    const shown = inventedJwt(jwt.issuer, jwt.claims, now);
    return jwtBearerOf(shown, { issuers: [jwt.issuer], directory: { find }, now });
  }
  if (user === null) return null;
  if (token === null) return visitorOf(user, given, now, session);
  return bearerOf(user, token, { table, facts });
}

function decided(
  facts: RequestFacts,
  who: Visitor | string | null,
  { given }: RouteExpectation,
  { snapshot, now }: Bench,
): Decision {
  const visitor = typeof who === 'string' ? null : who;
  const absence = isCredentialFault(who) ? { absence: who } : {};
  const { table, site } = snapshot;
  const found = table.find(facts);
  const names = 'refused' in found ? [] : neededFor(found, visitor);
  const signals = givenSignals(names, given.signals);
  return decide({ table, site, facts, visitor, ...absence, signals, now: given.time ?? now });
}

/** A request that cannot be read is denied before any rule is evaluated. */
function unreadable(
  { expect }: RouteExpectation,
  refusal: Refusal | null,
  expected: string,
): TestResult {
  const { status, code, detail } = refusal ?? { status: 400, code: 'url/malformed', detail: '' };
  return {
    isAsExpected:
      expect.decision === 'deny' &&
      (expect.reason ?? code) === code &&
      (expect.status ?? status) === status,
    expected,
    got: `deny ${status} ${code}`,
    because: `the request cannot be read: ${detail}`,
  };
}

function gotText(decision: Decision): string {
  const codes = decision.reasons.map(({ code }) => code).join(', ');
  switch (decision.kind) {
    case 'allow':
      return `allow ${codes}`;
    case 'authenticate':
      return `authenticate ${decision.flow} ${codes}`;
    case 'deny':
      return `deny ${decision.status} ${codes}`;
  }
}

/**
 * The trace of a refusal as a page shows it: from an actual decision about rules with groups and a
 * dry run.
 */
import { decide } from '../../src/core/access/decide.ts';
import { type DecisionTrace, traceOf } from '../../src/core/access/decision-trace.ts';
import type { Binding, PolicySet } from '../../src/core/policy/policy.ts';
import { routeTable } from '../../src/core/routes/route.ts';
import { aSession, aUser, NOON, someFacts } from './policy-input.ts';
import { testBinding } from './snapshot.ts';
import { aRoute, aRule } from './tables.ts';

function says(pass: boolean, code: string, detail: string, changes: Partial<Binding>): Binding {
  return testBinding(pass, {
    evaluate: () => ({ pass, reason: { code, detail } }),
    ...changes,
  });
}

function group(match: PolicySet['match'], line: string, ...bindings: Binding[]): Binding {
  return testBinding(true, { name: match, evaluate: { match, bindings }, line });
}

const FILE = 'config/doorward.yaml';

const gate: PolicySet = {
  match: 'all',
  bindings: [
    says(true, 'group/member', 'has staff', { name: 'group', line: `${FILE}:14:9` }),
    group(
      'any',
      `${FILE}:15:9`,
      says(false, 'network/outside', '192.0.2.7 is in none of 10.0.0.0/8, 198.51.100.0/24', {
        name: 'office',
        line: `${FILE}:16:13`,
      }),
      says(false, 'method/missing', 'needs any of totp, webauthn; has password', {
        name: 'method',
        otherwise: 'step-up',
        line: `${FILE}:17:13`,
      }),
    ),
    says(false, 'geo/not-listed', 'DE is none of RU', {
      name: 'geo',
      negate: true,
      line: `${FILE}:18:9`,
    }),
    says(false, 'time/outside', 'Monday 12:00 in Europe/Berlin', {
      name: 'office-hours',
      dryRun: true,
      line: `${FILE}:19:9`,
    }),
  ],
};

/** For a user outside the office without a second factor. */
export const DENIED_TRACE: DecisionTrace = traceOf(
  decide({
    table: routeTable([
      aRoute({ rules: [aRule({ name: 'notes /admin/**', policies: gate, line: `${FILE}:12:7` })] }),
    ]),
    site: {
      origin: 'https://auth.example.com',
      scheme: 'https',
      host: 'auth.example.com',
      port: 0,
    },
    facts: someFacts({ target: '/admin/x' }),
    visitor: { session: aSession(), user: aUser() },
    signals: {},
    now: NOON,
  }),
);

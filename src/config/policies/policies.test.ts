/** Groups of policies as operators write them become policy sets that decide. */
import { describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import { anInput, aUser, NOON, someFacts } from '../../../test/support/policy-input.ts';
import { failureReasons, remedyOf } from '../../core/policy/evaluation.ts';
import { type Binding, evaluateSet, type PolicySet } from '../../core/policy/policy.ts';

const HEAD = `
public_url: https://auth.example.com
session: { cookie_domains: [example.com] }
policies:
  office: { type: network, any: [10.0.0.0/8] }
  trusted:
    any:
      - { name: office }
      - all:
          - { type: group, any: [staff] }
          - { type: method, any: [totp] }
routes:
  - id: wiki
    host: wiki.example.com
    policies:
`;

async function gateOf(policies: string): Promise<PolicySet> {
  const { snapshot } = linkedOf(await loadText(HEAD + policies));
  return snapshot.table.routes[0]?.rules[0]?.policies as PolicySet;
}

const office = { facts: someFacts({ clientIp: '10.1.2.3' }) };
const passes = (gate: PolicySet, changes: Parameters<typeof anInput>[0] = {}) =>
  evaluateSet(gate, anInput(changes)).pass;
const first = ({ bindings }: PolicySet): Binding => bindings[0] as Binding;

describe('groups of policies in YAML', () => {
  it('require a second factor outside the office alone', async () => {
    const gate = await gateOf(`
      - any:
          - { name: office }
          - { type: method, any: [totp], otherwise: step-up }
`);
    expect(first(gate)).toMatchObject({ name: 'any', evaluate: { match: 'any' }, otherwise: null });
    expect(passes(gate, office)).toBe(true);
    const outside = evaluateSet(gate, anInput());
    expect(outside.pass).toBe(false);
    expect(remedyOf(gate.match, outside.evaluations)).toBe('step-up');
  });

  it('accept negate, expires, dry_run and otherwise like any binding', async () => {
    const group = 'any: [{ name: office }]';
    const negated = await gateOf(`      - { ${group}, negate: true }`);
    expect([passes(negated), passes(negated, office)]).toEqual([true, false]);
    const over = await gateOf(`      - { ${group}, expires: 2026-11-23 }`);
    expect(failureReasons(evaluateSet(over, anInput(office)))).toMatchObject([
      { code: 'binding/expired' },
    ]);
    expect(passes(await gateOf(`      - { ${group}, dry_run: true }`))).toBe(true);
    const helped = await gateOf(`      - { ${group}, otherwise: step-up }`);
    expect(first(helped).otherwise).toBe('step-up');
  });

  it('may have names, and be nested', async () => {
    const gate = await gateOf(`
      - { name: trusted }
      - all:
          - any: [{ type: group, any: [staff] }, { type: user, any: [cat] }]
          - { type: group, any: [suspended], negate: true }
`);
    expect(gate.bindings.map(({ name }) => name)).toEqual(['trusted', 'all']);
    expect(passes(gate, office)).toBe(true);
    const suspended = { ...office, user: aUser({ groups: ['staff', 'suspended'] }), now: NOON };
    expect(passes(gate, suspended)).toBe(false);
  });

  it('have the location of each of their members', async () => {
    const gate = await gateOf(`
      - any:
          - { name: office }
          - { type: group, any: [admins] }
`);
    const { evaluate, at, line } = first(gate);
    expect([at, line]).toEqual(['routes[0].policies[0]', 'doorward.yaml:17:9']);
    expect((evaluate as PolicySet).bindings.map((one) => [one.at, one.line])).toEqual([
      ['routes[0].policies[0].any[0]', 'doorward.yaml:18:13'],
      ['routes[0].policies[0].any[1]', 'doorward.yaml:19:13'],
    ]);
  });
});

/** A double submit gets the session of the first answer; a recorded request does not. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../core/flow/plan.ts';
import { fakeVault } from '../../../test/support/fakes.ts';
import { testFacts } from '../../../test/support/snapshot.ts';
import { createVault } from '../../tickets/vault.ts';
import { handed, handOver } from './handover.ts';
import type { Run } from '../run/run.ts';

const LINES = ['doorward=sealed; Path=/', 'doorward-device=x; Path=/'];
const PLAN = { id: 'p', browser: 'name' } as Plan;

function run(changes: { secret?: string; ip?: string; agent?: string; now?: number } = {}): Run {
  const { secret = 'secret', ip = '192.0.2.7', agent = 'Firefox', now = 0 } = changes;
  const facts = testFacts({ clientIp: ip }, { 'user-agent': agent });
  return { browser: { secret, name: 'name' }, facts, now } as Run;
}

describe.each([
  ['in memory', fakeVault()],
  ['as it runs', createVault(['Zk3v9TqLx0bN8rYw2HdUeC5sJmPg7AoVfI4XtKlQ'])],
])('what the first answer set, %s', (_, vault) => {
  const deps = { vault };

  it('is handed to the same browser again, for half a minute', () => {
    const plan = handOver(deps, PLAN, LINES, run());
    expect(handed(deps, plan, run({ now: 29_999 }))).toEqual(LINES);
    expect(handed(deps, plan, run({ now: 30_000 }))).toEqual([]);
  });

  it('is handed to a browser that moved within its own network', () => {
    const plan = handOver(deps, PLAN, LINES, run({ ip: '2001:db8::1' }));
    expect(handed(deps, plan, run({ ip: '2001:db8::2' }))).toEqual(LINES);
    expect(handed(deps, plan, run({ ip: '2001:db8:0:1::1' }))).toEqual([]);
  });

  it.each([
    ['another address', run({ ip: '192.0.2.8' })],
    ['another kind of browser', run({ agent: 'curl' })],
    ['a browser that says nothing of itself', run({ agent: '' })],
    ['another browser', run({ secret: 'other' })],
  ])('is not handed to %s', (_name, other) => {
    const plan = handOver(deps, PLAN, LINES, run());
    expect(handed(deps, plan, other)).toEqual([]);
  });
});

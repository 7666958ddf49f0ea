/** A double submit gets the session of the first reply; a recorded request does not. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../core/flow/plan.ts';
import { fakeVault } from '../../../test/support/fakes.ts';
import { testFacts } from '../../../test/support/snapshot.ts';
import { createVault } from '../../tickets/vault.ts';
import { handed, handOver } from './double-submits.ts';
import type { Run } from '../run/run.ts';

const LINES = ['doorward=sealed; Path=/', 'doorward-device=x; Path=/'];
const PLAN = { id: 'p', browser: 'name' } as Plan;

function run(changes: { secret?: string; ip?: string; agent?: string; now?: number } = {}): Run {
  const { secret = 'secret', ip = '192.0.2.7', agent = 'Firefox', now = 0 } = changes;
  const facts = testFacts({ clientIp: ip }, { 'user-agent': agent });
  return { browser: { secret, name: 'name' }, facts, now } as Run;
}

describe.each([
  ['with a fake vault', fakeVault()],
  ['with the real vault', createVault(['Zk3v9TqLx0bN8rYw2HdUeC5sJmPg7AoVfI4XtKlQ'])],
])('the cookies of the first reply, %s', (_, vault) => {
  const deps = { vault };

  it('are sent to the same browser again, for half a minute', () => {
    const plan = handOver(deps, PLAN, LINES, run());
    expect(handed(deps, plan, run({ now: 29_999 }))).toEqual(LINES);
    expect(handed(deps, plan, run({ now: 30_000 }))).toEqual([]);
  });

  it('are sent to a browser that moved within its own network', () => {
    const plan = handOver(deps, PLAN, LINES, run({ ip: '2001:db8::1' }));
    expect(handed(deps, plan, run({ ip: '2001:db8::2' }))).toEqual(LINES);
    expect(handed(deps, plan, run({ ip: '2001:db8:0:1::1' }))).toEqual([]);
  });

  it.each([
    ['another address', run({ ip: '192.0.2.8' })],
    ['another kind of browser', run({ agent: 'curl' })],
    ['a browser without a user agent', run({ agent: '' })],
    ['another browser', run({ secret: 'other' })],
  ])('are not sent to %s', (_name, other) => {
    const plan = handOver(deps, PLAN, LINES, run());
    expect(handed(deps, plan, other)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { everyKind } from '../../../test/support/every-kind.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { otherSpellings, proxyPlan } from './proxy-plan.ts';

describe('a header from which a flow reads data that only a proxy has', () => {
  it('is accepted from no client', () => {
    const kinds = everyKind('http://auth.example.com:8080', ':8080');
    const stage = { config: { header: 'X-Shown-Certificate' } };
    const flows = new Map([['card', { stages: [stage] } as unknown as Flow]]);
    const plan = proxyPlan({ ...kinds, snapshot: { ...kinds.snapshot, flows } }, null);
    expect(plan.removed).toContain('X-Shown-Certificate');
  });
});

describe('spellings of a header name', () => {
  it('include all that CGI maps to the same variable, except the name itself', () => {
    expect(otherSpellings('Remote-User')).toEqual(['Remote_User', 'Remote.User']);
    expect(otherSpellings('X-Doorward-Jwt')).toHaveLength(8);
  });
});

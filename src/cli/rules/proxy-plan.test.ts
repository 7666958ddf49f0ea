import { describe, expect, it } from 'vitest';
import { everyKind } from '../../../test/support/every-kind.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { otherSpellings, proxyPlan } from './proxy-plan.ts';

describe('a header in which a flow reads what only a proxy knows', () => {
  it('is taken from no client', () => {
    const kinds = everyKind('http://auth.example.com:8080', ':8080');
    const stage = { config: { header: 'X-Shown-Certificate' } };
    const flows = new Map([['card', { stages: [stage] } as unknown as Flow]]);
    const plan = proxyPlan({ ...kinds, snapshot: { ...kinds.snapshot, flows } }, null);
    expect(plan.removed).toContain('X-Shown-Certificate');
  });
});

describe('spellings of a header name', () => {
  it('are all that read the same to CGI, but the name itself', () => {
    expect(otherSpellings('Remote-User')).toEqual(['Remote_User', 'Remote.User']);
    expect(otherSpellings('X-Doorward-Jwt')).toHaveLength(8);
  });
});

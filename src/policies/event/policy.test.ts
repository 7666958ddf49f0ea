import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import type { FlowEvent } from '../../core/policy/policy.ts';
import { event } from './policy.ts';

const evaluate = (any: readonly string[], begun: FlowEvent | null) =>
  event.compile(event.config.parse({ any }))(anInput({ event: begun }));

describe('event', () => {
  it.each<[string[], FlowEvent, boolean]>([
    [['visit'], 'visit', true],
    [['visit'], 'invitation', false],
    [['visit'], 'link', false],
    [['invitation'], 'invitation', true],
    [['invitation'], 'visit', false],
    [['invitation', 'link'], 'link', true],
    [['invitation', 'link'], 'visit', false],
  ])('of %j passes a run begun by a %s: %s', (any, begun, pass) => {
    const verdict = evaluate(any, begun);
    expect(verdict.pass).toBe(pass);
    expect(verdict.reason.code).toBe(pass ? 'event/match' : 'event/other');
  });

  it('names the actual and the required event', () => {
    expect(evaluate(['link'], 'link').reason.detail).toBe('link');
    expect(evaluate(['invitation', 'link'], 'visit').reason.detail).toBe(
      'needs invitation or link; begun by visit',
    );
  });

  it('cannot be evaluated outside flows, or for an unknown event', () => {
    expect(() => evaluate(['visit'], null)).toThrow('no run of a flow');
    expect(() => evaluate(['visit'], 'toString' as FlowEvent)).toThrow('no run of a flow');
  });

  it.each([{}, { any: [] }, { any: ['route'] }, { any: 'link' }, { none: ['link'] }])(
    'refuses options %j',
    (options) => {
      expect(event.config.safeParse(options).success).toBe(false);
    },
  );
});

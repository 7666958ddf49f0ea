import { describe, expect, it } from 'vitest';
import { traceIdOf } from './trace.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the trace of a request', () => {
  it.each([
    [`00-${ID}-00f067aa0ba902b7-01`, ID],
    [`01-${ID}-00f067aa0ba902b7-01-later`, ID],
    [null, null],
    ['', null],
    [`ff-${ID}-00f067aa0ba902b7-01`, null],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null],
    [`00-${ID}-${'0'.repeat(16)}-01`, null],
    [`00-${ID.toUpperCase()}-00f067aa0ba902b7-01`, null],
    [`00-${ID}-00f067aa0ba902b7-01x`, null],
    [`00-${ID}-00f067aa0ba902b7-01-${'x'.repeat(300)}`, null],
    ['"}\n{"', null],
  ])('of %j is %j', (header, id) => {
    expect(traceIdOf(header)).toBe(id);
  });
});

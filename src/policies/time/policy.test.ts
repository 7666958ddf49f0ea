import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import { timeOfDay } from './policy.ts';

const evaluate = (options: object, time: string) =>
  timeOfDay.compile(timeOfDay.config.parse(options))(anInput({ now: Date.parse(time) }));
const codeOf = (options: object, time: string) => evaluate(options, time).reason.code.slice(5);

const BERLIN = { zone: 'Europe/Berlin' };

describe('time', () => {
  it.each([
    // 2026-11-23 is a Monday.
    [{ days: ['mon'] }, '2026-11-23T00:00:00Z', 'open'],
    [{ days: ['mon'] }, '2026-11-23T23:59:59.999Z', 'open'],
    [{ days: ['mon'] }, '2026-11-24T00:00:00Z', 'other-day'],
    [{ days: ['sat', 'sun'] }, '2026-11-22T12:00:00Z', 'open'],
    [{ days: ['sat', 'sun'] }, '2026-11-23T12:00:00Z', 'other-day'],
    [{ from: '08:00', until: '18:00' }, '2026-11-23T07:59:59.999Z', 'other-hours'],
    [{ from: '08:00', until: '18:00' }, '2026-11-23T08:00:00Z', 'open'],
    [{ from: '08:00', until: '18:00' }, '2026-11-23T17:59:59.999Z', 'open'],
    [{ from: '08:00', until: '18:00' }, '2026-11-23T18:00:00Z', 'other-hours'],
    [{ from: '18:00' }, '2026-11-23T23:59:00Z', 'open'],
    [{ from: '18:00' }, '2026-11-23T00:00:00Z', 'other-hours'],
    [{ until: '24:00' }, '2026-11-23T23:59:59Z', 'open'],
    [{ until: '08:00' }, '2026-11-23T00:00:00Z', 'open'],
    [{ first_day: '2026-11-23' }, '2026-11-22T23:59:59Z', 'other-date'],
    [{ first_day: '2026-11-23' }, '2026-11-23T00:00:00Z', 'open'],
    [{ last_day: '2026-11-23' }, '2026-11-23T23:59:59Z', 'open'],
    [{ last_day: '2026-11-23' }, '2026-11-24T00:00:00Z', 'other-date'],
    [{ first_day: '2026-02-28', last_day: '2026-03-01' }, '2026-03-01T12:00:00Z', 'open'],
    [{ days: ['mon'], from: '08:00', last_day: '2026-11-23' }, '2026-11-23T09:00:00Z', 'open'],
    [
      { days: ['mon'], from: '08:00', last_day: '2026-11-22' },
      '2026-11-23T09:00:00Z',
      'other-date',
    ],
  ])('%j at %s: %s', (options, time, code) => {
    expect(codeOf(options, time)).toBe(code);
    expect(evaluate(options, time).pass).toBe(code === 'open');
  });

  describe('past midnight', () => {
    const friday = { days: ['fri'], from: '22:00', until: '06:00' };
    it.each([
      [friday, '2026-11-27T21:59:00Z', 'other-hours'],
      [friday, '2026-11-27T22:00:00Z', 'open'],
      [friday, '2026-11-28T05:59:00Z', 'open'],
      [friday, '2026-11-28T06:00:00Z', 'other-day'],
      // Friday morning belongs to Thursday's night.
      [friday, '2026-11-27T05:00:00Z', 'other-day'],
      [friday, '2026-11-28T22:00:00Z', 'other-day'],
      [{ ...friday, last_day: '2026-11-27' }, '2026-11-28T05:00:00Z', 'open'],
      [{ ...friday, first_day: '2026-11-28' }, '2026-11-28T05:00:00Z', 'other-date'],
      [{ days: ['sun'], from: '23:00', until: '01:00' }, '2026-11-23T00:30:00Z', 'open'],
      [{ from: '22:00', until: '06:00', last_day: '2026-12-31' }, '2027-01-01T03:00:00Z', 'open'],
    ])('%j at %s: %s', (options, time, code) => expect(codeOf(options, time)).toBe(code));
  });

  describe('in a zone', () => {
    it.each([
      [{ ...BERLIN, from: '08:00', until: '18:00' }, '2026-01-12T06:59:00Z', 'other-hours'],
      [{ ...BERLIN, from: '08:00', until: '18:00' }, '2026-01-12T07:00:00Z', 'open'],
      [{ ...BERLIN, from: '08:00', until: '18:00' }, '2026-07-13T06:00:00Z', 'open'],
      [{ ...BERLIN, days: ['mon'] }, '2026-11-22T23:00:00Z', 'open'],
      [{ zone: 'Pacific/Kiritimati', days: ['tue'] }, '2026-11-23T10:00:00Z', 'open'],
      [{ zone: 'Pacific/Pago_Pago', days: ['sun'] }, '2026-11-23T10:59:00Z', 'open'],
      [{ zone: 'Asia/Kathmandu', from: '05:45' }, '2026-11-23T00:00:00Z', 'open'],
      [{ zone: 'Asia/Kathmandu', from: '05:46' }, '2026-11-23T00:00:00Z', 'other-hours'],
      [{ zone: 'Asia/Tehran', first_day: '2026-11-23' }, '2026-11-22T20:30:00Z', 'open'],
    ])('%j at %s: %s', (options, time, code) => expect(codeOf(options, time)).toBe(code));
  });

  describe('when clocks go forward (Berlin, 29 March 2026, 02:00 is 03:00)', () => {
    const early = { ...BERLIN, from: '02:30', until: '03:30' };
    it.each([
      [early, '2026-03-29T00:59:00Z', 'other-hours'], // 01:59
      [early, '2026-03-29T01:00:00Z', 'open'], // 03:00
      [early, '2026-03-29T01:29:00Z', 'open'], // 03:29
      [early, '2026-03-29T01:30:00Z', 'other-hours'], // 03:30
      [{ ...BERLIN, from: '02:00', until: '03:00' }, '2026-03-29T00:59:59Z', 'other-hours'],
      [{ ...BERLIN, from: '02:00', until: '03:00' }, '2026-03-29T01:00:00Z', 'other-hours'],
      [{ ...BERLIN, days: ['sun'] }, '2026-03-28T23:00:00Z', 'open'], // 00:00
      [{ ...BERLIN, days: ['sun'] }, '2026-03-29T21:59:59Z', 'open'], // 23:59
      [{ ...BERLIN, days: ['sun'] }, '2026-03-29T22:00:00Z', 'other-day'],
    ])('%j at %s: %s', (options, time, code) => expect(codeOf(options, time)).toBe(code));
  });

  describe('when clocks go back (Berlin, 25 October 2026, 03:00 is 02:00)', () => {
    const twice = { ...BERLIN, from: '02:00', until: '02:30' };
    it.each([
      [twice, '2026-10-24T23:59:00Z', 'other-hours'], // 01:59
      [twice, '2026-10-25T00:00:00Z', 'open'], // 02:00, summer
      [twice, '2026-10-25T00:30:00Z', 'other-hours'], // 02:30, summer
      [twice, '2026-10-25T01:00:00Z', 'open'], // 02:00 again
      [twice, '2026-10-25T01:30:00Z', 'other-hours'],
      [{ ...BERLIN, from: '22:00', until: '03:00' }, '2026-10-25T01:59:00Z', 'open'],
      [{ ...BERLIN, from: '22:00', until: '03:00' }, '2026-10-25T02:00:00Z', 'other-hours'],
      [{ ...BERLIN, days: ['sun'] }, '2026-10-25T22:59:59Z', 'open'], // 23:59
    ])('%j at %s: %s', (options, time, code) => expect(codeOf(options, time)).toBe(code));
  });

  it('names the actual and the required time', () => {
    const options = { ...BERLIN, days: ['mon', 'fri'], from: '08:00', until: '18:00' };
    expect(evaluate(options, '2026-11-23T18:30:00Z').reason.detail).toBe(
      'needs mon fri, 08:00–18:00, Europe/Berlin; it is mon 2026-11-23 19:30',
    );
  });

  it('returns the same verdict, whatever was evaluated before', () => {
    const options = { ...BERLIN, days: ['mon', 'sat'], from: '22:15', until: '06:45' };
    const evaluated = timeOfDay.compile(timeOfDay.config.parse(options));
    const times = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(fc.array(times, { maxLength: 5 }), (list) => {
        for (const now of list) {
          const verdict = evaluated(anInput({ now }));
          const fresh = timeOfDay.compile(timeOfDay.config.parse(options))(anInput({ now }));
          expect(verdict).toEqual(fresh);
        }
      }),
    );
  });

  it('passes for the configured share of a week, in any zone', () => {
    const from = Date.UTC(2026, 10, 23);
    for (const zone of ['UTC', 'Asia/Tokyo', 'America/St_Johns']) {
      const evaluated = timeOfDay.compile(
        timeOfDay.config.parse({ zone, days: ['tue', 'sun'], from: '20:00', until: '02:30' }),
      );
      const minutes = Array.from({ length: 7 * 1440 }, (_, i) => from + i * 60_000);
      expect(minutes.filter((now) => evaluated(anInput({ now })).pass)).toHaveLength(2 * 390);
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e20])(
    'cannot be evaluated at an invalid time: %s',
    (now) => {
      const evaluated = timeOfDay.compile(timeOfDay.config.parse({ days: ['mon'] }));
      expect(() => evaluated(anInput({ now }))).toThrow(RangeError);
    },
  );

  it.each([
    [{}, 'expected days, from, until'],
    [{ zone: 'UTC' }, 'expected days, from, until'],
    [{ days: [] }, 'Too small'],
    [{ days: ['monday'] }, 'Invalid option'],
    [{ from: '8:00' }, 'expected a time'],
    [{ from: '24:00' }, 'before 24:00'],
    [{ until: '24:01' }, 'expected a time'],
    [{ until: '00:00' }, 'expected 24:00'],
    [{ from: '25:00' }, 'expected a time'],
    [{ from: '08:00', until: '08:00' }, 'another time'],
    [{ first_day: '2026-02-30' }, 'expected a date'],
    [{ first_day: '2026-11-24', last_day: '2026-11-23' }, 'a day after it'],
    [{ days: ['mon'], zone: 'Europe/Berlim' }, 'no such time zone'],
    [{ days: ['mon'], zone: '+01:00' }, 'expected a zone'],
    [{ days: ['mon'], zone: '' }, 'expected a zone'],
  ])('refuses %j', (options, words) => {
    const parsed = timeOfDay.config.safeParse(options);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(words);
  });
});

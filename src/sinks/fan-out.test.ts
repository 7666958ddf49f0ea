/** Sends each event to several sinks. */
import { describe, expect, it } from 'vitest';
import { fakeEvents } from '../../test/support/fakes.ts';
import { fanOut } from './fan-out.ts';

const EVENT = { type: 'reload', ok: true, faults: 0 } as const;
const BROKEN = new Error('broken');

describe('many sinks', () => {
  it('receive every event, also after one that throws, which is reported once', () => {
    const [first, last] = [fakeEvents(), fakeEvents()];
    const complaints: unknown[] = [];
    const thrower = {
      emit() {
        throw BROKEN;
      },
    };
    const sink = fanOut([first, thrower, last], (error) => complaints.push(error));
    sink.emit(EVENT);
    sink.emit(EVENT);
    expect(first.all).toEqual([EVENT, EVENT]);
    expect(last.all).toEqual([EVENT, EVENT]);
    expect(complaints).toEqual([BROKEN]);
  });
});

/** How long a body may take: the client's own time counts, the app's does not. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { uploadOf } from './upload.ts';

/** A request whose chunks arrive on command. */
function aRequest({ isPaced } = { isPaced: true }) {
  const request = Object.assign(new EventEmitter(), {
    complete: false,
    pause: () => undefined,
    resume: () => undefined,
  });
  const upload = uploadOf(request as unknown as IncomingMessage, { isPaced });
  return { request, upload, send: (bytes: number) => request.emit('data', Buffer.alloc(bytes)) };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

describe('the time limit of a body', () => {
  it('is twenty seconds, and a second more for each 500 bytes', async () => {
    const { upload, send } = aRequest();
    upload.stream.on('data', () => undefined);
    await turn();
    expect(upload.patience()).toBe(20_000);
    vi.advanceTimersByTime(15_000);
    expect(upload.patience()).toBe(5_000);
    send(1_000);
    expect(upload.patience()).toBe(7_000);
    vi.advanceTimersByTime(8_000);
    expect(upload.patience()).toBe(-1_000);
  });

  it('does not shrink while the app is slow', async () => {
    const { upload, send } = aRequest();
    upload.stream.once('readable', () => undefined);
    await turn();
    vi.advanceTimersByTime(1_000);
    for (let piece = 0; piece < 4; piece += 1) send(500);
    const left = upload.patience();
    vi.advanceTimersByTime(3_600_000);
    expect(upload.patience()).toBe(left);
    expect(left).toBe(20_000 + 4_000 - 1_000);
  });

  it('does not apply to a call of gRPC, whose messages may come at any time', () => {
    const { upload } = aRequest({ isPaced: false });
    vi.advanceTimersByTime(3_600_000);
    expect(upload.patience()).toBe(Number.POSITIVE_INFINITY);
  });

  it('no longer applies once the body is complete', () => {
    const { request, upload } = aRequest();
    request.complete = true;
    vi.advanceTimersByTime(3_600_000);
    expect(upload.patience()).toBe(Number.POSITIVE_INFINITY);
  });
});

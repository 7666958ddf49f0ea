/** Batches to a file: nothing is lost or reordered. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogDestination } from './destination.ts';

let dir = '';
let fd = 0;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorward-log-'));
  fd = openSync(join(dir, 'log'), 'a');
});
afterEach(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});
const written = (): string => readFileSync(join(dir, 'log'), 'utf8');

describe('batches', () => {
  it('are held back until an event ends the wait', () => {
    const destination = openLogDestination(fd);
    destination.write('a\n');
    destination.write('b\n');
    expect(written()).toBe('');
    destination.flush();
    expect(written()).toBe('a\nb\n');
    destination.flush();
    expect(written()).toBe('a\nb\n');
  });

  it('arrive complete and in order, however many there are', async () => {
    const destination = openLogDestination(fd);
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} é\n`);
    for (const line of lines) destination.write(line);
    await destination.drain();
    expect(written()).toBe(lines.join(''));
    await destination.drain();
  });

  it('are dropped and counted while they cannot be written, instead of accumulating', () => {
    const destination = openLogDestination(fd);
    const line = `${'x'.repeat(1023)}\n`;
    for (let i = 0; i < 20_000; i += 1) destination.write(line);
    destination.flush();
    expect(written()).toMatch(/"msg":"log lines lost","lines":\d+/);
    expect(written().length).toBeLessThan(9 * 1024 * 1024);
  });

  it('to a descriptor that accepts nothing are lost without a fault', async () => {
    const readOnly = openSync(join(dir, 'log'), 'r');
    const destination = openLogDestination(readOnly);
    destination.write('a\n');
    await destination.drain();
    destination.write('b\n');
    destination.flush();
    closeSync(readOnly);
    expect(written()).toBe('');
  });
});

/** The terminal over streams: only the first line of standard input counts. */
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTerminal } from './terminal.ts';

function over(chunks: readonly (string | Buffer)[]): ReturnType<typeof createTerminal> {
  const stdin = Readable.from(chunks);
  return createTerminal({ stdin, stdout: new PassThrough(), stderr: new PassThrough() });
}

describe('the first line of standard input', () => {
  it.each([
    [['secret word\nmore\n'], 'secret word'],
    [['sec', 'ret', ' word\r\nmore'], 'secret word'],
    [['no line end'], 'no line end'],
    [['  kept blanks  \n'], '  kept blanks  '],
    [['\n'], ''],
    [[], null],
    [[Buffer.from('schl').subarray(0), Buffer.from([0xc3]), Buffer.from([0xbc, 0x0a])], 'schlü'],
  ])('of %j is %j', async (chunks, line) => {
    expect(await over(chunks).firstLine()).toBe(line);
  });

  it('is refused without an end', async () => {
    const endless = Array.from({ length: 100 }, () => 'x'.repeat(100));
    await expect(over(endless).firstLine()).rejects.toMatchObject({ code: 'input/too-long' });
  });

  it('is not interactive: a pipe gets no prompts', () => {
    expect(over([]).isInteractive).toBe(false);
  });
});

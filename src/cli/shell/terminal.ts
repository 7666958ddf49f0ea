/** The real terminal: prompts if interactive, else standard input. Secrets never come from arguments. */
import type { Readable, Writable } from 'node:stream';
import { Problem } from '../../core/values/problem.ts';
import type { Terminal } from './context.ts';

/** Longest first line, in bytes; passwords are far shorter. */
const LONGEST_LINE = 4096;

/** Standard streams, or those of a test. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/** A terminal on these streams. */
export function createTerminal(streams: Streams): Terminal {
  return {
    out: (text) => void streams.stdout.write(text),
    err: (text) => void streams.stderr.write(text),
    isInteractive: streams.stdin.isTTY === true && streams.stdout.isTTY === true,
    ask,
    firstLine: () => firstLine(streams.stdin),
  };
}

async function ask(question: string): Promise<string> {
  // Loaded on demand, so that other commands start faster.
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: question });
  if (isCancel(answer)) throw new Problem('input/cancelled', 'Canceled; nothing was changed.');
  return answer ?? '';
}

async function firstLine(stdin: Readable): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    const end = bytes.indexOf(0x0a);
    const part = end < 0 ? bytes : bytes.subarray(0, end);
    size += part.length;
    if (size > LONGEST_LINE) {
      throw new Problem('input/too-long', `The first line has more than ${LONGEST_LINE} bytes.`);
    }
    chunks.push(part);
    if (end >= 0) return lineOf(chunks);
  }
  return size === 0 ? null : lineOf(chunks);
}

function lineOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8').replace(/\r$/, '');
}

/** The real terminal: prompts where somebody sits, standard input otherwise. Secrets never come from arguments. */
import type { Readable, Writable } from 'node:stream';
import { Problem } from '../../core/values/problem.ts';
import type { Terminal } from './tools.ts';

/** Longest first line that is read, in bytes; a password is far shorter. */
const LONGEST_LINE = 4096;

/** Standard streams, or what stands for them in a test. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/** A terminal over streams. */
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
  // Loaded when first needed: no other command pays for it.
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: question });
  if (isCancel(answer)) throw new Problem('input/cancelled', 'Cancelled; nothing was changed.');
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

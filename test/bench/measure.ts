/**
 * Measures contenders side by side: rounds interleaved, medians taken, everything expressed in
 * processor time of the server alone, so that a slow client or a busy machine bends no ratio.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Load, Result } from './load.ts';

/** A server to be measured. */
export interface Contender {
  readonly name: string;
  /** The process whose time counts, with its children. */
  readonly pid: number;
  readonly port: number;
  readonly requests: readonly string[];
  readonly status: number;
}

/** Microseconds of processor time an answer, and answers a second. */
export interface Measured {
  readonly cpu: number;
  readonly rate: number;
}

const TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** Pins a process to one processor, where the machine can; the load gets the other. */
export function pin(pid: number, processor: number): void {
  try {
    execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' });
  } catch {
    // Named fallback: without taskset the kernel places it; ratios of processor time still hold.
  }
}

/** Runs every contender in turn, `rounds` times; medians by name. */
export async function measure(
  contenders: readonly Contender[],
  { rounds = 5, milliseconds = 1500, connections = 32 } = {},
): Promise<Map<string, Measured>> {
  const all = new Map<string, Measured[]>(contenders.map((c) => [c.name, []]));
  for (const c of contenders) await drive(c, 500, connections);
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      all.get(contender.name)?.push(await drive(contender, milliseconds, connections));
    }
  }
  return new Map([...all].map(([name, runs]) => [name, medianOf(runs)]));
}

async function drive(c: Contender, milliseconds: number, connections: number): Promise<Measured> {
  const { port, requests, status } = c;
  const load: Load = { port, requests, status, connections, milliseconds };
  const before = processorTime(c.pid);
  const result = await run(load);
  if (result.answers === 0 || result.wrong > 0) {
    throw new Error(`${c.name}: ${result.answers} answers, ${result.wrong} of them wrong`);
  }
  const cpu = (processorTime(c.pid) - before) / result.answers;
  return { cpu, rate: (result.answers / result.milliseconds) * 1000 };
}

function run(load: Load): Promise<Result> {
  const script = join(import.meta.dirname, 'load.ts');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  pin(child.pid as number, 1);
  child.stdin.end(JSON.stringify(load));
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(text) as Result));
  });
}

/** Microseconds of processor time of a process and its children so far (proc(5)). */
function processorTime(pid: number): number {
  let ticks = 0;
  for (const id of [pid, ...childrenOf(pid)]) {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((id) => id.trim() !== '')
      .map(Number),
  );
}

function medianOf(runs: readonly Measured[]): Measured {
  const middle = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return { cpu: middle(runs.map((r) => r.cpu)), rate: middle(runs.map((r) => r.rate)) };
}

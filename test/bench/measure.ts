/**
 * Measures contenders side by side. We interleave rounds and report medians in processor time of
 * the server alone, so that a slow client or other load does not affect the ratios.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Load, Result } from './load.ts';
import { pin, processorTime } from './processor.ts';

/** A measured server. */
export interface Contender {
  readonly name: string;
  /** The process whose time counts, with its children. */
  readonly pid: number;
  readonly port: number;
  /** Taken in turn, over all rounds. */
  readonly requests: readonly string[];
  /** No request is sent twice: each round gets an equal share, and takes as long as that needs. */
  readonly once?: boolean;
}

/** The work of a server. */
export interface Measured {
  /** Microseconds of processor time per response. */
  readonly cpu: number;
  /** Responses per second. */
  readonly rate: number;
  /**
   * Share of the time in which the server had a processor: if it is well below 1, something else
   * was the limit.
   */
  readonly busy: number;
}

/** How long to measure. */
export interface Plan {
  readonly rounds: number;
  readonly milliseconds: number;
  readonly connections: number;
  /** `performance.now()` after which no further round begins. */
  readonly deadline: number;
}

/** Runs every contender in turn, once to warm up and then `rounds` times; medians by name. */
export async function measure(
  contenders: readonly Contender[],
  plan: Plan,
): Promise<Map<string, Measured>> {
  const turns = contenders.map((contender) => ({ contender, from: 0, runs: [] as Measured[] }));
  for (let round = 0; round <= plan.rounds; round += 1) {
    if (round > 1 && performance.now() > plan.deadline) break;
    for (const turn of turns) {
      const { requests, once } = turn.contender;
      const share = Math.floor(requests.length / (plan.rounds + 1));
      const rotated =
        once === true
          ? requests.slice(turn.from, turn.from + share)
          : [...requests.slice(turn.from), ...requests.slice(0, turn.from)];
      const { sent, measured } = await drive(turn.contender, rotated, {
        ...plan,
        milliseconds: round === 0 ? plan.milliseconds / 2 : plan.milliseconds,
      });
      turn.from = (turn.from + sent) % requests.length;
      if (round > 0 && measured !== null) turn.runs.push(measured);
    }
  }
  return new Map(
    turns
      .filter(({ runs }) => runs.length > 0)
      .map(({ contender, runs }) => [contender.name, medianOf(runs)]),
  );
}

async function drive(
  contender: Contender,
  requests: readonly string[],
  { connections, milliseconds }: Plan,
): Promise<{ readonly sent: number; readonly measured: Measured | null }> {
  const { name, port, pid, once = false } = contender;
  const load: Load = { port, requests, once, connections, status: 200, milliseconds };
  const before = processorTime(pid);
  const result = await run(load);
  if (result.wrong > 0) throw new Error(`${name}: ${result.wrong} answers were wrong`);
  // No response at all, on a busy machine: ignore this round.
  if (result.answers === 0) return { sent: result.sent, measured: null };
  const used = processorTime(pid) - before;
  const measured = {
    cpu: used / result.answers,
    rate: (result.answers / result.milliseconds) * 1000,
    busy: used / (result.milliseconds * 1000),
  };
  return { sent: result.sent, measured };
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

/** The middle value of each number. */
function medianOf(runs: readonly Measured[]): Measured {
  return {
    cpu: middle(runs.map((r) => r.cpu)),
    rate: middle(runs.map((r) => r.rate)),
    busy: middle(runs.map((r) => r.busy)),
  };
}

function middle(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

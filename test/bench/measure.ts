/**
 * Measures contenders side by side: short slices in turn (A B C, C B A), in processor time of the server
 * alone. Each round gives one ratio, so that neither a slow client nor other load affects what is compared.
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
  /** Answers before the first round, 20,000 by default: code is compiled by count, not by time. */
  readonly warmUp?: number;
  /** Begins before each slice what goes on beside it; returns how to end that. */
  readonly around?: () => () => void;
}

/** The work of a server in one round. */
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
  /** Milliseconds within which 99 of 100 responses came. */
  readonly p99: number;
}

/** Rounds of one contender; those of others in the same measurement have the same index. */
export type Rounds = readonly (Measured | null)[];

/** How long to measure. */
export interface Plan {
  readonly rounds: number;
  readonly milliseconds: number;
  readonly connections: number;
  /** `performance.now()` after which no further round begins. */
  readonly deadline: number;
}

const WARM_UP = 20_000;
/** Longest warm-up of one contender, in milliseconds. */
const WARM_UP_LIMIT = 6_000;

/** Runs every contender in turn, once to warm up and then `rounds` times; by name. */
export async function measure(
  contenders: readonly Contender[],
  plan: Plan,
): Promise<Map<string, Rounds>> {
  const turns = contenders.map((contender) => ({
    contender,
    from: 0,
    runs: [] as (Measured | null)[],
  }));
  for (let round = 0; round <= plan.rounds; round += 1) {
    if (round > 1 && performance.now() > plan.deadline) break;
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
      const { requests, once = false, warmUp = WARM_UP } = turn.contender;
      const share = Math.floor(requests.length / (plan.rounds + 1));
      const next = once
        ? requests.slice(turn.from, turn.from + share)
        : [...requests.slice(turn.from), ...requests.slice(0, turn.from)];
      const { sent, measured } = await drive(turn.contender, {
        requests: next,
        once,
        connections: plan.connections,
        milliseconds: round === 0 ? WARM_UP_LIMIT : plan.milliseconds,
        enough: round === 0 ? warmUp : null,
      });
      turn.from = (turn.from + sent) % requests.length;
      if (round > 0) turn.runs.push(measured);
    }
  }
  return new Map(turns.map(({ contender, runs }) => [contender.name, runs]));
}

async function drive(
  { name, port, pid, around }: Contender,
  load: Omit<Load, 'port' | 'status'>,
): Promise<{ readonly sent: number; readonly measured: Measured | null }> {
  const end = around?.();
  const before = processorTime(pid);
  const result = await run({ ...load, port, status: 200 }).finally(end);
  if (result.wrong > 0) throw new Error(`${name}: ${result.wrong} answers were wrong`);
  // No response at all, on a busy machine: ignore this round.
  if (result.answers === 0) return { sent: result.sent, measured: null };
  const used = processorTime(pid) - before;
  const measured = {
    cpu: used / result.answers,
    rate: (result.answers / result.milliseconds) * 1000,
    busy: used / (result.milliseconds * 1000),
    p99: result.p99,
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

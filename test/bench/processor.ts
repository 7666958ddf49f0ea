/** Which processor a process runs on, and how much processor time it has used (Linux). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** Pins a process to one processor, if the machine supports it. */
export function pin(pid: number, processor: number): void {
  try {
    execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' });
  } catch {
    // Named fallback: without taskset, the kernel chooses the processor; ratios of processor time
    // still hold.
  }
}

/** Microseconds of processor time of a process and its children so far (proc(5)). */
export function processorTime(pid: number): number {
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

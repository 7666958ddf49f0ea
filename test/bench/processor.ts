/** Which processor a process runs on, and how much processor time it has used (Linux). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Pins a process to one processor, if the machine supports it. */
export function pin(pid: number, processor: number): void {
  try {
    execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' });
  } catch {
    // Named fallback: without taskset, the kernel chooses the processor; ratios of processor time
    // still hold.
  }
}

/** Microseconds of processor time of a process and its children so far, to the nanosecond (schedstat). */
export function processorTime(pid: number): number {
  let nanoseconds = 0;
  for (const id of [pid, ...childrenOf(pid)]) {
    for (const task of readdirSync(`/proc/${id}/task`)) {
      nanoseconds += Number(read(`/proc/${id}/task/${task}/schedstat`).split(' ', 1)[0]);
    }
  }
  return nanoseconds / 1000;
}

/** Bytes of memory that a process and its children hold. */
export function memory(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, id) => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${id}/status`))?.[1];
    return sum + Number(kilobytes ?? 0) * 1024;
  }, 0);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`)
      .split(' ')
      .filter((id) => id.trim() !== '')
      .map(Number),
  );
}

/** A file of proc(5); empty once its thread has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Named fallback: threads come and go; those of these servers have little time of their own.
    return '';
  }
}

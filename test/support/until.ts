/** Waits for conditions, so that no test sleeps for a time that may be too short somewhere. */
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves when the condition holds; asks every 5 ms, fails after 90 s by naming what it waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  within = 90_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${within} ms in vain: ${what}`);
    await delay(5);
  }
}

/**
 * Waits for conditions, so that no test sleeps for a time that may be too short on a slow machine.
 */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves when the condition holds; polls every 5 ms, and fails after 90 s with the name of the
 * condition.
 */
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

/**
 * Long work in small steps, so that the gateway stays responsive. A generator yields after each
 * unit of work. Its caller runs it to the end, or pauses after every few units.
 */

/** Work that yields after each unit and returns its result. */
export type Steps<T> = Generator<void, T>;

/** Units of work between two pauses. A unit is one route: parsed, linked or added to the table. */
export const SLICE = 16;

/** Runs the work without a pause. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Runs the work with a pause after every `slice` units. */
export async function finishInSlices<T>(
  steps: Steps<T>,
  pause: () => Promise<unknown>,
  slice = SLICE,
): Promise<T> {
  for (let units = 1; ; units += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (units % slice === 0) await pause();
  }
}

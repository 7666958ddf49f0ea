/**
 * How long a new password must be, by what it protects (NIST SP 800-63B-4 section 3.1.1.2): 15 characters
 * where it is all that a sign-in asks for, 8 where a second factor is always asked for as well.
 */
import type { Flow } from '../flow/flow.ts';

const LEAST_ALONE = 15;
export const LEAST_BESIDE_FACTOR = 8;

/**
 * Whether some sign-in flow can be passed without a second factor: it has no stage that demands one of
 * everyone. A stage with policies may be left out, so it does not count.
 */
export function isPasswordAlone(flows: Iterable<Pick<Flow, 'designation' | 'stages'>>): boolean {
  let signIns = 0;
  for (const flow of flows) {
    if (flow.designation !== 'authentication') continue;
    signIns += 1;
    const demands = flow.stages.some(
      ({ stage, config, policies: gate }) =>
        gate.bindings.length === 0 && stage.demandsFactor?.(config) === true,
    );
    if (!demands) return true;
  }
  return signIns === 0;
}

/** Characters that a new password must have at least. */
export function leastCharacters(isAlone: boolean): number {
  return isAlone ? LEAST_ALONE : LEAST_BESIDE_FACTOR;
}

/** The length of a password as its owner counts it, nearly: in code points. */
export function passwordLength(password: string): number {
  return Array.from(password).length;
}

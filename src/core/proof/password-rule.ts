/**
 * Minimum length of new passwords (NIST SP 800-63B-4 section 3.1.1.2): 15 characters if a password
 * alone is enough to sign in, 8 if a second factor is always required as well.
 */
import type { Flow } from '../flow/flow.ts';

/** Minimum number of characters of a new password that is enough to sign in. */
export const LEAST_ALONE = 15;
/** The same if a second factor is always required as well. */
export const LEAST_BESIDE_FACTOR = 8;

/**
 * Whether any sign-in flow can be completed without a second factor, because no stage of it requires
 * one from every user. A stage with policies may be left out, so it does not count.
 */
export function isPasswordAlone(flows: Iterable<Pick<Flow, 'designation' | 'stages'>>): boolean {
  let signIns = 0;
  for (const flow of flows) {
    if (flow.designation !== 'authentication') continue;
    signIns += 1;
    const isRequired = flow.stages.some(
      ({ stage, config, policies }) =>
        policies.bindings.length === 0 && stage.assures?.secondFactor?.(config) === true,
    );
    if (!isRequired) return true;
  }
  return signIns === 0;
}

/** The length of a password in code points, which is close to what its owner counts. */
export function passwordLength(password: string): number {
  return Array.from(password).length;
}

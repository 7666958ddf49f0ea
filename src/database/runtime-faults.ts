/** Faults of a database while the gateway runs, as Problems. A disk that becomes full is reported once. */
import { Problem } from '../core/values/problem.ts';
import type { Fault } from './fault.ts';
import type { DatabaseKind } from './kind.ts';

/** What happened to one database. */
export interface RuntimeFaults {
  /** Problems pass through. */
  problemOf(caught: unknown): Problem;
  /** A write has succeeded. */
  hasRoom(): void;
}

/** Starts without any; `faultOf` knows the codes of the database. */
export function runtimeFaults(
  kind: DatabaseKind,
  faultOf: (caught: unknown) => Fault,
): RuntimeFaults {
  let isFull = false;
  return {
    problemOf(caught) {
      if (caught instanceof Problem) return caught;
      const fault = faultOf(caught);
      if (fault !== 'full') {
        return runtimeProblem(kind, fault === 'damaged' ? 'damaged' : 'unavailable', caught);
      }
      const problem = runtimeProblem(kind, 'full', caught);
      if (!isFull) kind.onFull?.(problem);
      isFull = true;
      return problem;
    },
    hasRoom() {
      isFull = false;
    },
  };
}

const MEANINGS = {
  full: 'is full',
  damaged: 'is damaged',
  unavailable: 'does not answer',
} as const;

/** The Problem of one fault. */
export function runtimeProblem(
  { code, role }: DatabaseKind,
  fault: keyof typeof MEANINGS,
  cause: unknown,
): Problem {
  const retryAfter = fault === 'full' ? 30 : 5;
  const message = `The ${role} ${MEANINGS[fault]}.`;
  return new Problem(`${code}/${fault}`, message, { status: 503, retryAfter, cause });
}

/** A place in the configuration that can be blamed: what a linker step is given instead of a logger. */
import type { Fault, FaultPath } from './fault.ts';
import type { Aim, Source } from './source.ts';

/** A path within a source, and where faults about it go. */
export interface Spot {
  readonly source: Pick<Source, 'file' | 'fault' | 'location'>;
  readonly path: FaultPath;
  readonly faults: Fault[];
}

/** The spot some keys further down. */
export function below(spot: Spot, ...path: FaultPath): Spot {
  return { ...spot, path: [...spot.path, ...path] };
}

/** Where it stands, as people look it up: `config/doorward.yaml:12:5`. */
export function lineOf({ source, path }: Spot): string {
  const { file, line, col } = source.location(path);
  // Joined at once: each rule and binding keeps its line for good.
  return line === 0 ? file : [file, line, col].join(':');
}

/** Notes a fault here. */
export function blame(
  spot: Spot,
  message: string,
  suggestion: string | null = null,
  aim: Aim = 'value',
): void {
  spot.faults.push(spot.source.fault(spot.path, message, suggestion, aim));
}

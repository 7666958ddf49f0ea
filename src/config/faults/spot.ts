/** A path in a source that a link step can blame. */
import type { Fault, FaultPath } from './fault.ts';
import type { Aim, Source } from './source.ts';

/** A path in a source, and the list that its faults are added to. */
export interface Spot {
  readonly source: Pick<Source, 'file' | 'fault' | 'location'>;
  readonly path: FaultPath;
  readonly faults: Fault[];
}

/** The spot at a longer path. */
export function below(spot: Spot, ...path: FaultPath): Spot {
  return { ...spot, path: [...spot.path, ...path] };
}

/** The location as text: `config/doorward.yaml:12:5`. */
export function lineOf({ source, path }: Spot): string {
  const { file, line, col } = source.location(path);
  // Joined in one step: each rule and binding keeps this text.
  return line === 0 ? file : [file, line, col].join(':');
}

/** Adds a fault at the spot. */
export function blame(
  spot: Spot,
  message: string,
  suggestion: string | null = null,
  aim: Aim = 'value',
): void {
  spot.faults.push(spot.source.fault(spot.path, message, suggestion, aim));
}

/** The same spot, whose faults do not show the line of the file: it can hold a secret. */
export function withoutSource(spot: Spot): Spot {
  const { source } = spot;
  const fault: typeof source.fault = (...about) => ({ ...source.fault(...about), source: null });
  return { ...spot, source: { file: source.file, fault, location: source.location } };
}

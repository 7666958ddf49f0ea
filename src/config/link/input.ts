/** What the linker starts from. */
import type { FlowSource, Source } from '../faults/source.ts';
import type { Lists } from '../settings/lists.ts';
import type { Demo } from '../settings/settings.ts';

/** The files to link, and what they are linked with. */
export interface LinkInput {
  readonly main: Source;
  readonly flows: readonly FlowSource[];
  readonly lists: Lists;
  /** The directory that relative paths start from. */
  readonly base: string;
  /** Origins of the running demo apps; null if none runs. */
  readonly demoOrigins: Readonly<Partial<Record<Demo, string>>> | null;
}

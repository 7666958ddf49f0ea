/** What the first process and its workers tell one another; plain data that a structured clone keeps. */
import type { Chosen } from '../../cli/shell/context.ts';
import type { Demo, PlainSettings } from '../../config/settings/settings.ts';
import type { Numbers } from '../../sinks/metrics/together.ts';

/** All that a worker starts with. Holds secrets: it travels over the pipe between the two and nowhere else. */
export interface Beginning {
  readonly type: 'begin';
  readonly chosen: Chosen;
  /** As the first process was started with: a file changed since must not make the workers differ. */
  readonly settings: PlainSettings;
  readonly secrets: readonly string[];
  readonly demoOrigins: Readonly<Record<Demo, string>> | null;
  /** Whether the log goes to a terminal. */
  readonly tty: boolean;
}

/** To a worker. */
export type Order =
  | Beginning
  /** The configuration has changed and is sound: load it. */
  | { readonly type: 'reload' }
  /** Tell what you have counted. */
  | { readonly type: 'count'; readonly ask: number }
  | { readonly type: 'stop' };

/** From a worker. */
export type Report =
  /** Waits for its beginning. */
  | { readonly type: 'hello' }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  /** `ask` is the one of the order; 0 at its end, unasked. */
  | { readonly type: 'counted'; readonly ask: number; readonly numbers: Numbers };

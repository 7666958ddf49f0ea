/**
 * Combines the opened signals into one source. A signal that is late, broken, unknown or without a
 * value is left out, which never allows access.
 */
import type { Json } from '../core/values/json.ts';
import type { Atlas } from '../core/people/place.ts';
import type { EventSink } from '../core/access/event.ts';
import type {
  Signal,
  SignalKind,
  SignalQuery,
  SignalSource,
  SignalTools,
} from '../core/access/signal.ts';

/** The signals of one gateway. */
export interface Signals {
  readonly source: SignalSource;
  /** Locates addresses; null if no signal does. */
  readonly atlas: Atlas | null;
  close(): Promise<void>;
}

interface Opened {
  readonly signal: Signal;
  readonly deadline: number;
}

/** Opens the configured kinds. Rejects with a Problem if one cannot be opened, and closes those before it. */
export async function openSignals(
  kinds: readonly { readonly kind: SignalKind; readonly options: unknown }[],
  kept: Omit<SignalTools, 'events' | 'atlas'>,
  events: EventSink,
): Promise<Signals> {
  const opened = new Map<string, Opened>();
  const close = async (): Promise<void> => {
    await Promise.all([...opened.values()].map(({ signal }) => signal.close()));
  };
  let atlas: Atlas | null = null;
  try {
    for (const { kind, options } of kinds) {
      const signal = await kind.open(options, { ...kept, events, atlas });
      atlas ??= signal.atlas ?? null;
      opened.set(kind.name, { signal, deadline: kind.deadline });
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return { source: createSource(opened, events), atlas, close };
}

function createSource(opened: ReadonlyMap<string, Opened>, events: EventSink): SignalSource {
  const one = async (name: string, query: SignalQuery): Promise<Json | undefined> => {
    const colon = name.indexOf(':');
    const kind = colon < 0 ? name : name.slice(0, colon);
    const found = opened.get(kind);
    if (found === undefined) return undefined;
    const bound = colon < 0 ? null : name.slice(colon + 1);
    try {
      return await inTime(found, query, bound);
    } catch (cause) {
      // Named fallback: a broken or late signal counts as missing, and policies then deny.
      events.emit({ type: 'fault', code: `signal/${kind}`, requestId: null, cause });
      return undefined;
    }
  };
  const gather = async (names: readonly string[], query: SignalQuery) => {
    const values = await Promise.all(names.map((name) => one(name, query)));
    const found = names.flatMap((name, i): [string, Json][] => {
      const value = values[i];
      return value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(found);
  };
  const warm = (names: readonly string[]): void => {
    for (const name of names) opened.get(name.split(':', 1)[0] ?? '')?.signal.warm?.();
  };
  return Object.assign(gather, { warm });
}

async function inTime(
  { signal, deadline }: Opened,
  query: SignalQuery,
  bound: string | null,
): Promise<Json | undefined> {
  const controller = new AbortController();
  const value = signal.gather(query, bound, controller.signal);
  if (!(value instanceof Promise)) return value;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`nothing within ${deadline} ms`);
      controller.abort(reason);
      reject(reason);
    }, deadline);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

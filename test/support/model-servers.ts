/**
 * A family of servers that read paths in their own ways: what they do, how often, and in which order.
 * Written without the code under test, as straight as their manuals describe them.
 */
import * as fc from 'fast-check';

/** One thing that a server does to a path. `split`: slashes decoded later separate nothing. */
type Habit =
  | 'decode'
  | 'split'
  | 'matrix-to-slash'
  | 'matrix-to-end'
  | 'dots'
  | 'backslash'
  | 'drop-ignorable'
  | 'trim-dots'
  | 'collapse';

/** A server: its habits in order, and how it compares names. */
export interface ModelServer {
  readonly habits: readonly Habit[];
  readonly compares: 'exactly' | 'lower' | 'folded';
}

const OPTIONAL: readonly Habit[] = [
  'matrix-to-slash',
  'matrix-to-end',
  'dots',
  'dots',
  'backslash',
  'drop-ignorable',
  'trim-dots',
  'collapse',
];

/** Random servers that decode once or twice. */
export const modelServers: fc.Arbitrary<ModelServer> = fc
  .record({
    twice: fc.boolean(),
    splits: fc.boolean(),
    some: fc.shuffledSubarray([...OPTIONAL]),
    compares: fc.constantFrom('exactly' as const, 'lower' as const, 'folded' as const),
    places: fc.array(fc.nat({ max: 10 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ twice, splits, some, compares, places }) => {
    const habits: Habit[] = [...some];
    const extra: Habit[] = [
      'decode',
      ...(twice ? ['decode' as const] : []),
      ...(splits ? ['split' as const] : []),
    ];
    for (const [i, habit] of extra.entries()) {
      habits.splice((places[i] ?? 0) % (habits.length + 1), 0, habit);
    }
    return { habits, compares };
  });

/** The names of the path that the server would look up. */
export function namesReadBy({ habits, compares }: ModelServer, path: string): readonly string[] {
  let segments: string[] | null = null;
  let text = path.slice(1);
  for (const habit of habits) {
    if (segments === null) {
      if (habit === 'split') segments = text.split('/');
      else text = change(habit, text.split('/'), true).join('/');
    } else segments = change(habit, segments, false);
  }
  return (segments ?? text.split('/')).map((name) => asCompared(compares, name));
}

/** A name as the server compares it. */
export function asCompared(compares: ModelServer['compares'], name: string): string {
  if (compares === 'exactly') return name;
  if (compares === 'lower') return name.toLowerCase();
  return name.replaceAll('İ', 'i').toUpperCase().toLowerCase();
}

function change(habit: Habit, segments: string[], isWhole: boolean): string[] {
  switch (habit) {
    case 'decode': {
      const decoded = segments.map(decode);
      return isWhole ? decoded.join('/').split('/') : decoded;
    }
    case 'split':
      return segments;
    case 'matrix-to-slash':
      return segments.map((segment) => segment.split(';', 1)[0] ?? '');
    case 'matrix-to-end': {
      const first = segments.findIndex((segment) => segment.includes(';'));
      if (first < 0) return segments;
      return [...segments.slice(0, first), segments[first]?.split(';', 1)[0] ?? ''];
    }
    case 'dots': {
      const kept: string[] = [];
      for (const [i, segment] of segments.entries()) {
        if (segment === '..') kept.pop();
        else if (segment !== '.') kept.push(segment);
        if (i === segments.length - 1 && /^\.\.?$/.test(segment)) kept.push('');
      }
      return kept;
    }
    case 'backslash':
      return segments.flatMap((segment) => segment.split('\\'));
    case 'drop-ignorable':
      return segments.map((segment) => segment.replace(/[\u200b\u00ad\ufeff]/g, ''));
    case 'trim-dots':
      return segments.map((segment) => segment.replace(/[. ]+$/, ''));
    case 'collapse':
      return segments.filter((segment, i) => segment !== '' || i === segments.length - 1);
  }
}

/** Decodes what is UTF-8 and leaves the rest. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

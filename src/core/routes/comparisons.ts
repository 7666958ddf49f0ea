/**
 * Which rules a reading falls under, however programs compare names: exactly, in lower case, or
 * without differences of case.
 */
import { ANY_NAME } from '../request/path-text.ts';
import { foldReading, lowerReading } from '../request/readings.ts';
import { type PathTree, pathTree } from './path-tree.ts';

/** A compiled regular expression for whole paths. */
export interface PathExpression {
  /**
   * `/case/**`: no path outside matches. The expression is tried after the patterns that are more
   * specific than this one, and before it.
   */
  readonly below: string;
  /** Whether it matches a canonically encoded path without a slash at the end. Linear time. */
  readonly matches: (path: string) => boolean;
  /** The same without regard to case. */
  readonly matchesAnyCase: (path: string) => boolean;
}

/** What a rule matches. */
interface PathRule {
  readonly pattern: string;
  readonly expression: PathExpression | null;
  readonly methods: readonly string[] | null;
}

/** A reading with a rule that it falls under. */
interface Ruled<R> {
  readonly path: string;
  readonly rule: R | null;
}

/** One way in which programs compare names, and the patterns as it reads them. */
interface Rules<R> {
  readonly read: (path: string) => string;
  /** Whether names are compared as they are. */
  readonly isExact: boolean;
  readonly tree: PathTree<R>;
}

/** Every way; the exact one first. */
export type Comparisons<R> = readonly [Rules<R>, ...Rules<R>[]];

/** Comparing changes few patterns; those that read alike share a tree. */
export function comparisonsOf<R extends PathRule>(rules: readonly R[]): Comparisons<R> {
  const trees = new Map<string, PathTree<R>>();
  const by = (read: (path: string) => string): Rules<R> => {
    const isExact = read === sameReading;
    // A shared tree is searched once for a path, but expressions match differently without case.
    const key = `${rules.some(hasExpression) && isExact}\n${keyOf(rules, read)}`;
    const tree = trees.get(key) ?? pathTree(rules, (rule) => read(patternOf(rule)));
    trees.set(key, tree);
    return { read, isExact, tree };
  };
  return [by(sameReading), by(lowerReading), by(foldReading)];
}

function keyOf(rules: readonly PathRule[], read: (path: string) => string): string {
  return rules.map((rule) => read(patternOf(rule))).join('\n');
}

/** The pattern before which an expression is tried; the linker has sorted expressions first. */
function patternOf({ pattern, expression }: PathRule): string {
  return expression === null ? pattern : expression.below;
}

/** Whether it matches by an expression. */
export function hasExpression({ expression }: PathRule): boolean {
  return expression !== null;
}

function sameReading(path: string): string {
  return path;
}

/** One reading with the rules that it falls under, by each comparison that makes a difference. */
export function ruledBy<R extends PathRule>(
  comparisons: Comparisons<R>,
  reading: string,
  method: string,
): readonly Ruled<R>[] {
  const ruled: Ruled<R>[] = [];
  const seen = new Map<string, PathTree<R>>();
  for (const { read, isExact, tree } of comparisons) {
    const path = read(reading);
    if (seen.get(path) === tree) continue;
    seen.set(path, tree);
    const isAny = path.includes(ANY_NAME);
    const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    const accepts = (rule: R): boolean =>
      acceptsMethod(rule, method) &&
      // Some name may match the expression, whatever it is.
      (rule.expression === null || isAny || meets(rule.expression, bare, { isExact }));
    const found = isAny
      ? tree.findAny(path, { accepts, isForSome: hasExpression })
      : [tree.find(path, accepts)];
    const shown = path.replaceAll(ANY_NAME, '*');
    const known = new Set(ruled.flatMap((one) => (one.path === shown ? [one.rule] : [])));
    for (const rule of found) if (!known.has(rule)) ruled.push({ path: shown, rule });
  }
  return ruled;
}

/**
 * The rules of whatever may be below a reading, by every comparison: those of patterns that begin with
 * it, and expressions that could match something there.
 */
export function rulesBelow<R extends PathRule>(
  comparisons: Comparisons<R>,
  reading: string,
  method: string,
): ReadonlySet<R> {
  const accepts = (rule: R): boolean => acceptsMethod(rule, method);
  const choice = { accepts, isForSome: hasExpression };
  return new Set(
    comparisons.flatMap(({ read, tree }) => [...tree.findBelow(read(reading), choice)]),
  );
}

function meets(
  { matches, matchesAnyCase }: PathExpression,
  path: string,
  { isExact }: Pick<Rules<unknown>, 'isExact'>,
): boolean {
  return isExact ? matches(path) : matchesAnyCase(path);
}

/** Whether the rule applies to requests by this method. */
export function acceptsMethod({ methods }: PathRule, method: string): boolean {
  if (methods === null) return true;
  return methods.includes(method === 'HEAD' ? 'GET' : method);
}

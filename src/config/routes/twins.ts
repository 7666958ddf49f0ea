/** Finds rules of one route that match the same request without one being more specific. */
import { decodeBytes } from '../../core/request/path-text.ts';
import { foldReading, lowerReading } from '../../core/request/readings.ts';
import { fits, globOf, overlap } from '../../core/routes/glob.ts';
import type { Rule } from '../../core/routes/route.ts';
import { blame, type Spot } from '../faults/spot.ts';
import { isPartial } from './pattern.ts';

/**
 * Notes a fault if an earlier rule has the same pattern and methods, except for case, or one that is
 * exactly as specific and matches a common path.
 */
export function checkTwins(rule: Rule, before: readonly Rule[], spot: Spot): void {
  for (const other of before) {
    const message = isTwin(rule, other)
      ? `${readsLike(rule, other)} has a rule at ${other.at} for the same methods; keep one of them`
      : isTied(rule, other)
        ? `some paths match this pattern and ${other.pattern} at ${other.at}, and neither is more specific; add characters to one of them`
        : null;
    if (message === null) continue;
    blame(spot, message);
    return;
  }
}

function isTwin(rule: Rule, other: Rule): boolean {
  const isSame =
    rule.expression === null
      ? foldReading(other.pattern) === foldReading(rule.pattern)
      : other.pattern === rule.pattern;
  return isSame && hasSameMethods(rule.methods, other.methods);
}

function readsLike(rule: Rule, other: Rule): string {
  if (other.pattern === rule.pattern) return 'this pattern';
  return `this pattern reads like ${other.pattern} and`;
}

/** Whether two rules match the same method. A rule for some methods wins over a rule for all. */
function hasSameMethods(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.some((method) => b.includes(method));
}

/** Whether, in some comparison of names, a path matches both patterns and none is more specific. */
function isTied(rule: Rule, other: Rule): boolean {
  if (!hasPartial(rule) || !hasPartial(other)) return false;
  const [a, b] = [rule.methods, other.methods];
  if (a !== null && b !== null && !hasSameMethods(a, b)) return false;
  return [String, lowerReading, foldReading].some((read) =>
    isTie(split(read(rule.pattern)), split(read(other.pattern))),
  );
}

function split(pattern: string): string[] {
  return pattern.slice(1).split('/');
}

function hasPartial({ pattern, expression }: Rule): boolean {
  return expression === null && split(pattern).some(isPartial);
}

/** The first segments that differ decide which pattern is more specific. */
function isTie(a: readonly string[], b: readonly string[]): boolean {
  const at = a.findIndex((segment, i) => segment !== b[i]);
  const [x, y] = [a[at], b[at]];
  if (x === undefined || y === undefined || !isPartial(x) || !isPartial(y)) return false;
  return weightOf(x) === weightOf(y) && isShared(x, y) && meet(a.slice(at + 1), b.slice(at + 1));
}

/** Whether some path matches both. */
function meet([x, ...a]: readonly string[], [y, ...b]: readonly string[]): boolean {
  if (x === '**' || y === '**') return true;
  if (x === undefined || y === undefined) return x === y;
  return isShared(x, y) && meet(a, b);
}

/** Whether some name matches both segments. */
function isShared(x: string, y: string): boolean {
  if (x === y) return true;
  const [a, b] = [decodeBytes(x, 'literal'), decodeBytes(y, 'literal')];
  if (!x.includes('*')) return y.includes('*') && fits(globOf(b), a);
  return y.includes('*') ? overlap(a, b) : fits(globOf(a), b);
}

function weightOf(segment: string): number {
  return globOf(decodeBytes(segment, 'literal')).weight;
}

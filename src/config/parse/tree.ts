/** Replaces one value of a tree. Returns a new tree and never changes the old one. */
import type { FaultPath } from '../faults/fault.ts';
import type { Tree } from '../faults/source.ts';

/** The tree with `value` at `path`. A plain value on the way is replaced; null if a list has no such item or a key leads into a list. */
export function withValue(tree: Tree | undefined, path: FaultPath, value: Tree): Tree | null {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (typeof part === 'number') {
    const list = isPlain(tree) ? [] : tree;
    if (!Array.isArray(list) || part > list.length) return null;
    const item = rest.length === 0 ? value : withValue(list[part], rest, value);
    return item === null && rest.length > 0 ? null : list.toSpliced(part, 1, item);
  }
  const map = isPlain(tree) ? {} : tree;
  if (Array.isArray(map)) return null;
  const before = Object.hasOwn(map, part) ? map[part] : undefined;
  const item = rest.length === 0 ? value : withValue(before, rest, value);
  if (item === null && rest.length > 0) return null;
  return { ...map, [part]: item };
}

function isPlain(tree: Tree | undefined): tree is undefined | null | string | number | boolean {
  return typeof tree !== 'object' || tree === null;
}

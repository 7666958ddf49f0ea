/** Named policies. Each is compiled once, when it is first used, so that they may refer to one another. */
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { definitionSchema } from '../schema/binding-schema.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { combined, type Compiled, type Raw } from './compiled.ts';
import { split } from './split.ts';

/** The named policies of the main file. */
export interface Definitions {
  /** The policy of that name; null once its fault has been noted. */
  define(name: string): Compiled | null;
  /** The policy that `{ name }` refers to; null once its fault has been noted. */
  find(reference: Raw, at: Spot): Compiled | null;
}

/** The definitions. `choose` compiles what a definition contains; `spot` is the spot of `policies`. */
export function createDefinitions(
  given: Readonly<Record<string, Raw>>,
  spot: Spot,
  choose: (raw: Raw, at: Spot) => Compiled | null,
): Definitions {
  const names = Object.keys(given);
  const known = new Map<string, Compiled | null>();
  /** Definitions that are being compiled, the outermost first. */
  const open: string[] = [];

  const compiled = (name: string, at: Spot): Compiled | null => {
    const { own, rest } = split(given[name] ?? {}, Object.keys(definitionSchema.shape));
    const keys = parseAt(definitionSchema, own, at);
    const target = choose(rest, at);
    return keys === null || target === null ? null : combined(target, keys);
  };
  const define = (name: string): Compiled | null => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const at = below(spot, name);
    if (open.includes(name)) {
      blame(at, `circular reference: ${[...open, name].join(' → ')}`);
      known.set(name, null);
      return null;
    }
    open.push(name);
    const result = compiled(name, at);
    open.pop();
    if (!known.has(name)) known.set(name, result);
    return result;
  };
  const find = ({ name, ...others }: Raw, at: Spot): Compiled | null => {
    const extra = Object.keys(others);
    for (const key of extra) {
      const message = `options belong where the policy ${String(name)} is defined`;
      blame(below(at, key), message, null, 'key');
    }
    if (typeof name === 'string' && Object.hasOwn(given, name)) {
      const policy = define(name);
      return extra.length > 0 ? null : policy;
    }
    const hint = typeof name === 'string' ? suggest(name, names) : null;
    const expected = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
    blame(below(at, 'name'), `no such named policy${expected}`, hint);
    return null;
  };
  return { define, find };
}

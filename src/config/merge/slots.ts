/** Which plug-in's options are at a path of the main file. */
import { z } from 'zod';
import { bindingSchema, definitionSchema } from '../schema/binding-schema.ts';
import { sourceSchema } from '../schema/options/source-schema.ts';
import type { FaultPath } from '../faults/fault.ts';
import type { Lists } from '../settings/lists.ts';
import { claimsPostgres, postgresConfig } from '../../schema/postgres.ts';
import { childOf, type Slots } from '../schema/schema-walk.ts';

const chooser = z.object({ type: z.string(), name: z.string() }).partial();
const typed = z.object({ type: z.string() });
const mail = z.object({ type: z.string(), templates: z.string() }).partial();

/** The slots of the main file. */
export function configSlots(lists: Lists): Slots {
  return (path, value) => {
    switch (shapeOf(path).replace(/(?:\.(?:any|all)\.#)+$/, '')) {
      case 'state':
        return lists.stores.filter((kind) => kind.claims(value)).map((kind) => kind.config);
      case 'database':
        return claimsPostgres(value) ? [postgresConfig] : [];
      case 'directories.#':
        return known(lists.directories, value, [typed]);
      case 'sources.*':
        return known(lists.sources, value, [typed, sourceSchema]);
      case 'sources.*.admit.#':
        return known(lists.policies, value, [chooser, bindingSchema]);
      case 'signals.*':
        return lists.signals.filter(({ name }) => name === path[1]).map((kind) => kind.config);
      case 'mail':
        return known(lists.mailers, value, [mail]);
      case 'policies.*':
        return known(lists.policies, value, [chooser, definitionSchema]);
      case 'routes.#.policies.#':
      case 'routes.#.public_if.#':
      case 'routes.#.paths.#.policies.#':
      case 'routes.#.paths.#.public_if.#':
        return known(lists.policies, value, [chooser, bindingSchema]);
      default:
        return [];
    }
  };
}

/** Options whose keys are names. */
const NAMED: ReadonlySet<unknown> = new Set(['policies', 'signals', 'sources']);

function shapeOf(path: FaultPath): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return '#';
      return i === 1 && NAMED.has(path[0]) ? '*' : part;
    })
    .join('.');
}

/** Empty while the type is unknown; values are then coerced by their look. */
function known(
  kinds: readonly { readonly type: string; readonly config: z.ZodType }[],
  value: unknown,
  own: readonly z.ZodType[],
): readonly z.ZodType[] {
  const type = childOf(value, 'type');
  const kind = kinds.find((one) => one.type === type);
  return kind === undefined ? [] : [...own, kind.config];
}

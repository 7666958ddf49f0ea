/** The rows of a dump, `{ model, pk, fields }`, by model. Models that are not needed are ignored. */
import { z } from 'zod';
import type { ExportFault } from '../../core/administration/importer.ts';
import type { Json } from '../../core/values/json.ts';
import { isRecord, valueAt } from '../../core/values/record.ts';

/** A primary key, as text: a number, or a UUID in text. */
const key = z.union([z.string(), z.number()]).transform(String);
const time = z.string().nullish();

const user = z.object({
  username: z.string().min(1),
  name: z.string().nullish(),
  email: z.string().nullish(),
  password: z.string(),
  password_change_date: time,
  is_active: z.boolean().nullish(),
  type: z.string().nullish(),
  attributes: z.custom<Readonly<Record<string, Json>>>(isRecord, 'expected an object').nullish(),
  // `ak_groups` until 2025.
  groups: z.array(key).nullish(),
  ak_groups: z.array(key).nullish(),
});
/** `parent` until 2025; then each is a row of its own. */
const group = z.object({ name: z.string().min(1), parent: key.nullish() });
const parent = z.object({ child: key, parent: key });
const factor = z.looseObject({ user: key, confirmed: z.boolean().nullish() });

interface Row<F> {
  readonly pk: string;
  readonly fields: F;
}
export type UserRecord = Row<z.infer<typeof user>>;
export type FactorRecord = Row<z.infer<typeof factor>> & { readonly model: string };

/** The rows of all files. */
export interface Records {
  readonly users: UserRecord[];
  readonly groups: Row<z.infer<typeof group>>[];
  readonly parents: z.infer<typeof parent>[];
  readonly factors: FactorRecord[];
}

/** `django_otp` until 2023, then authentik’s own copy. */
const FACTORS = /^(?:otp_(?:totp|static)|authentik_stages_authenticator_\w+)\.(\w+device)$/;

/** Adds the rows of one file. Returns what is wrong with them. */
export function readRecords(rows: readonly unknown[], records: Records): ExportFault[] {
  const faults: ExportFault[] = [];
  for (const [index, row] of rows.entries()) {
    const model = String(valueAt(row, ['model'])).toLowerCase();
    const read = <T>(schema: z.ZodType<T>): Row<T> | null => {
      const parsed = z.object({ pk: key, fields: schema }).safeParse(row);
      if (parsed.success) return parsed.data;
      for (const { path, message } of parsed.error.issues) {
        faults.push({ at: [`[${index}] ${model}`, ...path].join('.'), message });
      }
      return null;
    };
    switch (model) {
      case 'authentik_core.user':
        add(records.users, read(user));
        break;
      case 'authentik_core.group':
        add(records.groups, read(group));
        break;
      case 'authentik_core.groupparentagenode':
        add(records.parents, read(parent)?.fields ?? null);
        break;
      default: {
        const kind = FACTORS.exec(model)?.[1];
        const found = kind === undefined ? null : read(factor);
        add(
          records.factors,
          found === null || kind === undefined ? null : { ...found, model: kind },
        );
      }
    }
  }
  return faults;
}

function add<T>(list: T[], one: T | null): void {
  if (one !== null) list.push(one);
}

/**
 * Users of authentik, from Django's `dumpdata`: the only export of authentik with password hashes and
 * second factors. Groups include the groups above them, as in authentik.
 */
import {
  type ExportFault,
  exportProblem,
  type Importer,
  type ImportTools,
} from '../../core/administration/importer.ts';
import type { UserEntry } from '../../core/administration/import-users.ts';
import type { ImportedFactor, LeftBehind } from '../../core/administration/imported-factor.ts';
import type { Json } from '../../core/values/json.ts';
import { isRecord, valueAt } from '../../core/values/record.ts';
import { factorsByUser } from './factors.ts';
import { groupNames } from './groups.ts';
import { readRecords, type Records, type UserRecord } from './records.ts';

const DUMP =
  'ak dumpdata authentik_core.user authentik_core.group authentik_core.groupparentagenode authentik_stages_authenticator_totp authentik_stages_authenticator_static authentik_stages_authenticator_webauthn.webauthndevice -o users.json';
/** Attributes that only authentik itself uses. */
const OWN = 'goauthentik.io/';
/** Objects and lists within one another in an attribute. */
const MAX_DEPTH = 32;

export const authentik: Importer = {
  product: 'authentik',
  recognizes: ({ json, text }) =>
    isDump(json) || isApiPage(json) || (json === undefined && isBlueprint(text)),
  read(files, tools) {
    const records: Records = { users: [], groups: [], parents: [], factors: [] };
    for (const { path, json } of files) {
      const faults: ExportFault[] = isDump(json) ? readRecords(json, records) : [NO_DUMP];
      faults.push(...records.users.flatMap(deepAttributes));
      if (faults.length > 0) throw exportProblem(path, faults);
    }
    const people = records.users.filter(({ fields }) => isPerson(fields));
    const machines = records.users.filter(({ fields }) => !isPerson(fields));
    const groupsOf = groupNames(records);
    const factors = factorsByUser(records, tools);
    return {
      entries: people.map((one) => entryOf(one, groupsOf(one), factors.get(one.pk) ?? [], tools)),
      ignored: machines.map(({ fields: { username: name } }) => ({ name, why: 'service-account' })),
    };
  },
};

const NO_DUMP: ExportFault = {
  at: '',
  message: `this export has no password hashes and second factors; export with: ${DUMP}`,
};

function isDump(json: unknown): json is readonly unknown[] {
  return Array.isArray(json) && json.some((one) => isModel(valueAt(one, ['model'])));
}

function isModel(model: unknown): boolean {
  return typeof model === 'string' && model.startsWith('authentik_');
}

/** `GET /api/v3/core/users/`. */
function isApiPage(json: unknown): boolean {
  return isRecord(json) && isRecord(json['pagination']) && Array.isArray(json['results']);
}

/** `ak export_blueprint`. */
function isBlueprint(text: string): boolean {
  return /^entries:/m.test(text) && text.includes('model: authentik_');
}

function deepAttributes({ pk, fields }: UserRecord): readonly ExportFault[] {
  if (isWithinDepth(fields.attributes ?? {}, MAX_DEPTH)) return [];
  const message = `expected at most ${MAX_DEPTH} levels`;
  return [{ at: `authentik_core.user ${pk}.attributes`, message }];
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((one) => isWithinDepth(one, depth - 1));
}

function isPerson({ type, username }: UserRecord['fields']): boolean {
  return !(type ?? '').endsWith('service_account') && username !== 'AnonymousUser';
}

function entryOf(
  { fields }: UserRecord,
  groups: readonly string[],
  factors: readonly (ImportedFactor | LeftBehind)[],
  { isHash, trustsEmail }: ImportTools,
): UserEntry {
  const { password } = fields;
  const email = fields.email ?? '';
  // Django writes "!" before text that is no password.
  const hasPassword = password !== '' && !password.startsWith('!');
  const isKnown = hasPassword && isHash(password);
  return {
    user: {
      name: fields.username,
      displayName: fields.name ?? '',
      email,
      emailVerified: email !== '' && trustsEmail,
      groups,
      attributes: attributesOf(fields.attributes ?? {}),
      disabled: fields.is_active !== true,
      passwordSetAt: isKnown ? timeOf(fields.password_change_date) : null,
    },
    passwordHash: isKnown ? password : null,
    factors: factors.filter((one) => typeof one !== 'string'),
    left: [
      ...(hasPassword && !isKnown ? (['password/kind'] as const) : []),
      ...(email !== '' && !trustsEmail ? (['email/unverified'] as const) : []),
      ...factors.filter((one) => typeof one === 'string'),
    ],
  };
}

function attributesOf(attributes: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !key.startsWith(OWN)));
}

function timeOf(written: string | null | undefined): number | null {
  const time = Date.parse(written ?? '');
  return Number.isNaN(time) ? null : time;
}

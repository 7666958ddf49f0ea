/** Users of a Keycloak realm, as `kc.sh export` writes them. Never imports a temporary password. */
import { z } from 'zod';
import {
  type ExportFault,
  type ExportFile,
  exportProblem,
  type Importer,
  type ImportTools,
} from '../../core/administration/importer.ts';
import type { UserEntry } from '../../core/administration/import-users.ts';
import type { Json } from '../../core/values/json.ts';
import { isRecord, valueAt } from '../../core/values/record.ts';
import { readCredentials, credential } from './credentials.ts';

const text = z.string().nullish();
const list = z.array(z.string()).nullish();
const lists = z.record(z.string(), z.array(z.string().nullable())).nullish();

/** `UserRepresentation` of Keycloak; what is not needed is ignored. */
const user = z.object({
  id: text,
  username: z.string().min(1),
  firstName: text,
  lastName: text,
  email: text,
  emailVerified: z.boolean().nullish(),
  enabled: z.boolean().nullish(),
  attributes: lists,
  credentials: z.array(credential).nullish(),
  requiredActions: list,
  realmRoles: list,
  clientRoles: lists,
  groups: list,
  serviceAccountClientId: text,
  federationLink: text,
  federatedIdentities: z.array(z.unknown()).nullish(),
});
type KeycloakUser = z.infer<typeof user>;

const EXPORT = 'kc.sh export --realm NAME --users same_file --file realm.json';

export const keycloak: Importer = {
  product: 'Keycloak',
  recognizes: ({ json }) => isRealm(json) || (Array.isArray(json) && json.some(isRealm)),
  read(files, tools) {
    const realms = files.map(realmOf);
    const names = new Set(realms.map(({ realm }) => valueAt(realm, ['realm'])));
    if (names.size > 1) {
      const message = 'expected files of one realm; import each realm by itself';
      throw exportProblem(files.at(-1)?.path ?? '', [{ at: 'realm', message }]);
    }
    const rpIds = rpIdsOf(realms.map(({ realm }) => realm));
    const all = realms.flatMap(({ path, realm }) => usersOf(path, realm));
    if (all.length === 0) {
      const message = `expected a list of users; export them with ${EXPORT}`;
      throw exportProblem(files[0]?.path ?? '', [{ at: 'users', message }]);
    }
    return {
      entries: all.filter((one) => !isMachine(one)).map((one) => entryOf(one, rpIds, tools)),
      ignored: all
        .filter(isMachine)
        .map(({ username: name }) => ({ name, why: 'service-account' })),
    };
  },
};

function isMachine({ serviceAccountClientId }: KeycloakUser): boolean {
  return Boolean(serviceAccountClientId);
}

function isRealm(json: unknown): boolean {
  return isRecord(json) && typeof valueAt(json, ['realm']) === 'string';
}

function realmOf({ path, json }: ExportFile): { readonly path: string; readonly realm: unknown } {
  if (!Array.isArray(json)) return { path, realm: json };
  if (json.length === 1) return { path, realm: json[0] };
  throw exportProblem(path, [
    { at: '', message: `expected one realm, found ${json.length}; export one with ${EXPORT}` },
  ]);
}

/** Relying parties of second factors and of passkeys; null where the realm uses its own host. */
function rpIdsOf(realms: readonly unknown[]): Readonly<Record<string, string | null>> {
  const find = (key: string): string | null => {
    const found = realms.map((realm) => valueAt(realm, [key])).find((value) => value);
    return typeof found === 'string' ? found.toLowerCase() : null;
  };
  return {
    webauthn: find('webAuthnPolicyRpId'),
    'webauthn-passwordless': find('webAuthnPolicyPasswordlessRpId'),
  };
}

function usersOf(path: string, realm: unknown): readonly KeycloakUser[] {
  const found = valueAt(realm, ['users']);
  const faults: ExportFault[] = [];
  const users: KeycloakUser[] = [];
  for (const [index, one] of (Array.isArray(found) ? found : []).entries()) {
    const parsed = user.safeParse(one);
    if (parsed.success) users.push(parsed.data);
    else {
      for (const { path: keys, message } of parsed.error.issues) {
        faults.push({ at: [`users[${index}]`, ...keys].join('.'), message });
      }
    }
  }
  if (faults.length > 0) throw exportProblem(path, faults);
  return users;
}

function entryOf(
  one: KeycloakUser,
  rpIds: Readonly<Record<string, string | null>>,
  tools: ImportTools,
): UserEntry {
  const read = readCredentials(one.credentials ?? [], { userId: one.id ?? null, rpIds, tools });
  const isTemporary = (one.requiredActions ?? []).includes('UPDATE_PASSWORD');
  const isElsewhere = Boolean(one.federationLink) || (one.federatedIdentities ?? []).length > 0;
  const email = one.email ?? '';
  const isVerified = one.emailVerified === true || tools.trustsEmail;
  return {
    user: {
      name: one.username,
      displayName: [one.firstName, one.lastName].filter(Boolean).join(' '),
      email,
      emailVerified: email !== '' && isVerified,
      groups: (one.groups ?? []).map((path) => path.replace(/^\//, '')),
      attributes: attributesOf(one),
      disabled: one.enabled !== true,
      passwordSetAt: read.passwordSetAt,
    },
    passwordHash: isTemporary ? null : read.passwordHash,
    factors: read.factors,
    left: [
      ...(isTemporary && read.passwordHash !== null ? (['password/temporary'] as const) : []),
      ...(isElsewhere && !read.hasPassword ? (['password/elsewhere'] as const) : []),
      ...(email !== '' && !isVerified ? (['email/unverified'] as const) : []),
      ...read.left,
    ],
  };
}

/**
 * Attributes, names and roles. Roles last: a user may be able to change attributes, but must not make
 * roles of them. Groups and roles are different things that can have the same name.
 */
function attributesOf(one: KeycloakUser): Readonly<Record<string, Json>> {
  const attributes = new Map<string, Json>();
  for (const [key, values] of Object.entries(one.attributes ?? {})) {
    const known = values.filter((value) => value !== null);
    attributes.set(key, known.length === 1 ? (known[0] ?? '') : known);
  }
  if (one.firstName) attributes.set('given_name', one.firstName);
  if (one.lastName) attributes.set('family_name', one.lastName);
  const roles = (one.realmRoles ?? []).filter((role) => !role.startsWith('default-roles-'));
  attributes.delete('realm_roles');
  attributes.delete('client_roles');
  if (roles.length > 0) attributes.set('realm_roles', roles);
  const ofClients = Object.entries(one.clientRoles ?? {});
  if (ofClients.length > 0) {
    const named = ofClients.map(([client, all]) => [client, all.filter((role) => role !== null)]);
    attributes.set('client_roles', Object.fromEntries(named));
  }
  return Object.fromEntries(attributes);
}

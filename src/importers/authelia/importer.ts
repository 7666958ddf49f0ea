/**
 * Users of Authelia: its users file, which is the users file of Doorward as well, and what
 * `authelia storage user totp export` and `… webauthn export` write.
 */
import {
  exportProblem,
  type ExportFile,
  type Importer,
  type ImportTools,
} from '../../core/administration/importer.ts';
import type { UserEntry } from '../../core/administration/import-users.ts';
import { foldName } from '../../core/people/user.ts';
import { isRecord, valueAt } from '../../core/values/record.ts';
import { parseExportedUsers } from '../../directories/file/directory.ts';
import type { FileUser } from '../../directories/file/users-file.ts';
import { FACTOR_FILES, type NamedFactor, readFactors } from './factors.ts';

export const authelia: Importer = {
  product: 'Authelia',
  recognizes: ({ json }) => json === undefined || isRecord(valueAt(json, ['users'])),
  read(files, tools) {
    const users = files.filter((file) => !isFactors(file)).flatMap((file) => usersOf(file, tools));
    if (users.length === 0 && files.some(isFactors)) {
      const message = 'these are only second factors; name the users file in the same command';
      throw exportProblem(files[0]?.path ?? '', [{ at: '', message }]);
    }
    const factors = files.filter(isFactors).flatMap((file) => readFactors(file, tools));
    const byName = Map.groupBy(factors, ({ username }) => foldName(username));
    const names = new Set(users.map(({ user }) => foldName(user.name)));
    const strays = [...byName.keys()].filter((name) => !names.has(name));
    return {
      entries: users.map((one) => entryOf(one, byName.get(foldName(one.user.name)) ?? [], tools)),
      ignored: strays.map((name) => ({ name, why: 'no-user' })),
    };
  },
};

function isFactors({ text }: ExportFile): boolean {
  return FACTOR_FILES.test(text);
}

/**
 * Kinds of hashes that Authelia knows. Those that Doorward cannot verify, because of their kind or their
 * cost, are left behind; any other text could be a password, and is a fault of the file.
 */
const SOME_HASH =
  /^\$(?:argon2(?:id|i|d)|scrypt|y|pbkdf2(?:-sha\d{1,3})?|[56]|2[aby]|bcrypt-sha256)\$/;

function usersOf(file: ExportFile, { isHash }: ImportTools): readonly FileUser[] {
  return parseExportedUsers(file, (hash) => SOME_HASH.test(hash) || isHash(hash));
}

function entryOf(
  { user, passwordHash }: FileUser,
  factors: readonly NamedFactor[],
  { isHash }: ImportTools,
): UserEntry {
  const isKnown = isHash(passwordHash);
  const read = factors.map(({ factor }) => factor);
  return {
    user,
    passwordHash: isKnown ? passwordHash : null,
    factors: read.filter((one) => typeof one !== 'string'),
    left: [
      ...(isKnown ? [] : (['password/kind'] as const)),
      ...read.filter((one) => typeof one === 'string'),
    ],
  };
}

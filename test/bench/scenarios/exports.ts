/** Exports of other products with any number of users, all in one group, with a password each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An argon2 hash as products write it; the bench never verifies it. */
const ARGON =
  '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$MJeTgFGsBsKPYHGXQCwHVTPhFHvfrvDSEODgiYEtLNA';
const PBKDF2 = `pbkdf2_sha256$1000000$saltsaltsaltsaltsaltsa$${'A'.repeat(43)}=`;

/** Products, and how each writes its users. */
const PRODUCTS: Readonly<
  Record<string, { readonly file: string; readonly text: (count: number) => string }>
> = {
  Authelia: {
    file: 'users_database.yml',
    text: (count) =>
      `users:\n${namesOf(count)
        .map(
          (name, i) =>
            `  ${name}:\n    displayname: "User ${i}"\n    password: "${ARGON}"\n    email: ${name}@example.test\n    groups: [staff]\n`,
        )
        .join('')}`,
  },
  authentik: {
    file: 'dump.json',
    text: (count) =>
      JSON.stringify([
        { model: 'authentik_core.group', pk: 'g', fields: { name: 'staff' } },
        ...namesOf(count).map((username, i) => ({
          model: 'authentik_core.user',
          pk: i,
          fields: {
            username,
            name: `User ${i}`,
            email: `${username}@example.test`,
            password: PBKDF2,
            is_active: true,
            type: 'internal',
            groups: ['g'],
          },
        })),
      ]),
  },
  Keycloak: {
    file: 'realm.json',
    text: (count) =>
      JSON.stringify({
        realm: 'bench',
        users: namesOf(count).map((username, i) => ({
          username,
          email: `${username}@example.test`,
          emailVerified: true,
          firstName: 'User',
          lastName: String(i),
          enabled: true,
          groups: ['/staff'],
          credentials: [
            {
              type: 'password',
              secretData: JSON.stringify({ value: 'A'.repeat(43) + '=', salt: 'c2FsdHNhbHRzYWx0' }),
              credentialData: JSON.stringify({
                hashIterations: 210000,
                algorithm: 'pbkdf2-sha512',
              }),
            },
          ],
        })),
      }),
  },
};

/** Writes the export of a product into a folder; its path. */
export function writeExport(folder: string, product: string, count: number): string {
  const { file, text } = PRODUCTS[product] ?? unknown(product);
  const path = join(folder, file);
  writeFileSync(path, text(count));
  return path;
}

function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `user${i}`);
}

function unknown(product: string): never {
  throw new Error(`no export of ${product} is known`);
}

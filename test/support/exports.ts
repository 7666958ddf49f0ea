/** Exports of other products, for tests of their import. */
import type {
  ExportFile,
  Importer,
  ImportTools,
  UsersExport,
} from '../../src/core/administration/importer.ts';
import { createPasswords } from '../../src/passwords/passwords.ts';

const passwords = createPasswords();

/** A file with this JSON. */
export function exportOf(path: string, json: unknown): ExportFile {
  const text = JSON.stringify(json);
  return { path, text, json: JSON.parse(text) };
}

/** A file with other text. */
export function textFile(path: string, text: string): ExportFile {
  return { path, text, json: undefined };
}

/** Reads files that the importer recognizes, with the real knowledge of hashes. */
export function readAll(
  importer: Importer,
  files: readonly ExportFile[],
  tools: Partial<ImportTools> = {},
): Omit<UsersExport, 'product'> {
  const stray = files.find((file) => !importer.recognizes(file));
  if (stray !== undefined) throw new Error(`${importer.product} does not recognize ${stray.path}`);
  return importer.read(files, {
    isHash: (text) => passwords.isHash(text),
    portalHost: 'auth.example.com',
    trustsEmail: false,
    ...tools,
  });
}

/** Whether a hash is of this password, at its full cost. */
export function verify(hash: string | null | undefined, password: string) {
  return passwords.verify(hash ?? null, password);
}

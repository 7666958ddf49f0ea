/** Importers read the users of other products from their exports. Implemented in `importers/`. */
import { Problem } from '../values/problem.ts';
import type { UserEntry } from './import-users.ts';

/** A file of an export. */
export interface ExportFile {
  /** As the operator named it. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** The parsed text, or undefined if it is not JSON. */
  readonly json: unknown;
}

/** What reading an export depends on. */
export interface ImportTools {
  /** Whether the text is a hash that Doorward can verify. */
  readonly isHash: (text: string) => boolean;
  /** Passkeys of other hosts are of no use here. */
  readonly portalHost: string;
  /** Whether addresses count as verified where the product does not say. */
  readonly trustsEmail: boolean;
}

/** What an export contains beside users. */
export interface Ignored {
  readonly name: string;
  /** `no-user`: the second factors of a user who is not in the export. */
  readonly why: 'service-account' | 'no-user';
}

/** The users of an export. */
export interface UsersExport {
  /** The product that wrote it: `Keycloak`. */
  readonly product: string;
  readonly entries: readonly UserEntry[];
  readonly ignored: readonly Ignored[];
}

/** Reads the exports of one product. */
export interface Importer {
  readonly product: string;
  /** Whether the product wrote this file. Cheap: it looks only at the outermost keys. */
  recognizes(file: ExportFile): boolean;
  /** Reads all files as one export. Problem `import/file` lists every fault. */
  read(files: readonly ExportFile[], tools: ImportTools): Omit<UsersExport, 'product'>;
}

/** One fault of an export. */
export interface ExportFault {
  /** `users[3].email`; '' for the whole file. */
  readonly at: string;
  readonly message: string;
}

/** Faults that are printed. */
const SHOWN = 20;

/** The Problem of a file that cannot be imported. */
export function exportProblem(path: string, faults: readonly ExportFault[]): Problem {
  const lines = faults.slice(0, SHOWN).map(({ at, message }) => {
    return `${path}${at === '' ? '' : ` ${at}`}: ${message}`;
  });
  const more = faults.length - SHOWN;
  if (more > 0) lines.push(`and ${more} more`);
  return new Problem('import/file', lines.join('\n'), { status: 400 });
}

/** Reads the files of an export, and finds the importer that knows them. Nothing is written. */
import { open } from 'node:fs/promises';
import {
  exportProblem,
  type ExportFile,
  type Importer,
  type ImportTools,
  type UsersExport,
} from '../core/administration/importer.ts';

/** Bytes of all files together. JSON.parse takes five times as much memory. */
const LARGEST = 256 * 1024 * 1024;

/** The users of the files. Problem `import/file` names the file and what is wrong with it. */
export async function readExport(
  importers: readonly Importer[],
  paths: readonly string[],
  tools: ImportTools,
): Promise<UsersExport> {
  const files: ExportFile[] = [];
  let left = LARGEST;
  for (const path of paths) {
    const bytes = await readBytes(path, left);
    left -= bytes.length;
    files.push(exportFile(path, textOf(bytes)));
  }
  const [importer, ...others] = new Set(files.map((file) => importerOf(importers, file)));
  if (importer === undefined || others.length > 0) {
    const products = [importer, ...others].map((one) => one?.product).join(' and ');
    const message = `the files are exports of ${products}; import one product at a time`;
    throw exportProblem(paths.at(-1) ?? '', [{ at: '', message }]);
  }
  return { product: importer.product, ...importer.read(files, tools) };
}

function importerOf(importers: readonly Importer[], file: ExportFile): Importer {
  const found = importers.find((importer) => importer.recognizes(file));
  if (found !== undefined) return found;
  const known = importers.map(({ product }) => product).join(', ');
  const message = `this is no export of ${known}`;
  throw exportProblem(file.path, [{ at: '', message }]);
}

async function readBytes(path: string, most: number): Promise<Buffer> {
  try {
    await using handle = await open(path, 'r');
    const { size } = await handle.stat();
    if (size > most) {
      throw new Error(
        `the files have more than ${LARGEST / 1024 / 1024} MiB; import them in parts`,
      );
    }
    const buffer = Buffer.alloc(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(buffer, length, size - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw exportProblem(path, [{ at: '', message: `cannot be read: ${words}` }]);
  }
}

/** PowerShell writes UTF-16 with a byte order mark where output is redirected into a file. */
function textOf(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
}

function exportFile(path: string, text: string): ExportFile {
  if (!/^\s*[[{]/.test(text)) return { path, text, json: undefined };
  try {
    return { path, text, json: JSON.parse(text) };
  } catch (cause) {
    // Named fallback: YAML may begin with a brace, too.
    if (!path.endsWith('.json')) return { path, text, json: undefined };
    const message = cause instanceof Error ? cause.message : 'this is no JSON';
    throw exportProblem(path, [{ at: '', message }]);
  }
}

/** Bounded reads of regular files. A pipe or device is refused, because reading it could wait forever. */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { codeOf } from '../../core/values/record.ts';

/** A file's text, or why it could not be read, in an operator's words. */
export type Reading =
  | { readonly text: string }
  | { readonly failed: string; readonly isTooLarge?: boolean };

/** The UTF-8 text of a file. Follows symbolic links, which mounted ConfigMaps need. */
export async function readText(path: string, maxBytes: number): Promise<Reading> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // Without O_NONBLOCK, opening a FIFO waits until a writer opens it.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { failed: reasonOf(error) };
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return { failed: 'it is not a regular file' };
    // One byte more than the reported size shows whether the file has grown.
    let buffer = Buffer.alloc(Math.min(stat.size, maxBytes) + 1);
    let size = 0;
    for (;;) {
      if (size === buffer.length) buffer = longer(buffer, maxBytes);
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, size);
      size += bytesRead;
      if (size > maxBytes) {
        return { failed: `it is larger than ${maxBytes / 1024} KiB`, isTooLarge: true };
      }
      if (bytesRead === 0) break;
    }
    return { text: decoder.decode(buffer.subarray(0, size)) };
  } catch (error) {
    return { failed: error instanceof TypeError ? 'it is not UTF-8 text' : reasonOf(error) };
  } finally {
    await file.close();
  }
}

/** A larger buffer with the same content: some files report no size, and some grow. */
function longer(buffer: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  const next = Buffer.alloc(Math.min(Math.max(4096, buffer.length * 2), maxBytes + 1));
  buffer.copy(next);
  return next;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The names in a directory, sorted; or why it cannot be read. */
export async function readNames(
  path: string,
): Promise<{ readonly names: readonly string[] } | { readonly failed: string }> {
  try {
    return { names: (await readdir(path)).sort() };
  } catch (error) {
    return { failed: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code] ?? `it cannot be read (${code === '' ? String(error) : code})`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'its symbolic links form a cycle',
  ENXIO: 'it is not a regular file',
};

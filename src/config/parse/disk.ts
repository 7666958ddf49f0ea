/** Reads small regular files, bounded; a pipe, device or directory in place of a file is refused rather than waited for. */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';

/** A file's text, or why it could not be read, in an operator's words. */
export type Reading =
  | { readonly text: string }
  | { readonly failed: string; readonly isTooLarge?: boolean };

/** A file's text, UTF-8; symbolic links are followed, as mounted ConfigMaps need. */
export async function readText(path: string, maxBytes: number): Promise<Reading> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { failed: reasonOf(error) };
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return { failed: 'it is not a regular file' };
    // As long as it said it is, and a byte more to see that it is no longer.
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

/** Some files do not know how long they are, and some grow. */
function longer(buffer: Buffer, maxBytes: number): Buffer<ArrayBuffer> {
  const next = Buffer.alloc(Math.min(Math.max(4096, buffer.length * 2), maxBytes + 1));
  buffer.copy(next);
  return next;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Names in a directory, sorted, or why they cannot be read. */
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
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code] ?? `it cannot be read (${code === '' ? String(error) : code})`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'part of its path is not a directory',
  ELOOP: 'its symbolic links go round in circles',
  ENXIO: 'it is not a regular file',
};

/** The code of an error that Node or a library has thrown. */

/** The `code` of what was thrown (`ENOENT`), or null where it has none. */
export function errorCode(caught: unknown): string | null {
  if (typeof caught !== 'object' || caught === null || !('code' in caught)) return null;
  return typeof caught.code === 'string' ? caught.code : null;
}

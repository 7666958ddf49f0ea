/** Objects with unknown content: parsed JSON, thrown values, the options of plug-ins. */

/** Whether a value is an object and no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of an object; no fields for any other value. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The value at a path of own keys; undefined if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (!isRecord(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}

/** The `code` of a thrown value, such as `ENOENT`; `''` if it has none. */
export function codeOf(thrown: unknown): string {
  const { code } = fieldsOf(thrown);
  return typeof code === 'string' ? code : '';
}

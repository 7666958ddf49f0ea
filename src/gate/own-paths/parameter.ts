/** The value of a query parameter; null if it is missing or repeated, which parsers read differently. */
export function onlyParameter(query: string, name: string): string | null {
  const values = new URLSearchParams(query).getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

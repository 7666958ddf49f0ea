/** Envoy's names of the messages that the file contains; each one is checked by `envoy --mode validate`. */

/** A message whose type is in `@type`. */
export interface Typed {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

const PREFIX = 'type.googleapis.com/envoy.extensions.';

/** A message of a type below `envoy.extensions`. */
export function typed(type: string, fields: Readonly<Record<string, unknown>>): Typed {
  return { '@type': `${PREFIX}${type}`, ...fields };
}

/** One filter of the connection manager. */
export interface HttpFilter {
  readonly name: string;
  readonly typed_config: Typed;
}

/** A filter by its usual name, `envoy.filters.http.<name>`, with the type `<name>.v3.<message>`. */
export function httpFilter(
  name: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): HttpFilter {
  return {
    name: `envoy.filters.http.${name}`,
    typed_config: typed(`filters.http.${name}.v3.${message}`, fields),
  };
}

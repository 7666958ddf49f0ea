/** Options as a Markdown table, derived from the schema that parses them. */
import { z } from 'zod';

/** The parts of a JSON Schema that options use. */
export interface Shape {
  readonly type?: string;
  readonly examples?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** The schema of a plug-in's options, as users write them. */
export function shapeOf(config: z.ZodType): Shape {
  const target = 'draft-7';
  return z.toJSONSchema(config, { io: 'input', unrepresentable: 'any', target }) as Shape;
}

/** The alternatives of a schema, or the schema itself. */
export function branchesOf(shape: Shape): readonly Shape[] {
  return shape.oneOf ?? shape.anyOf ?? [shape];
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly meaning: string;
  /** Alternatives it belongs to, by the value of the discriminating key. */
  readonly kinds: string[];
}

/**
 * The table of a plug-in's options, and one for each option that is a list of mappings. Throws if
 * an option has no description.
 */
export function optionTables(config: z.ZodType): readonly string[] {
  const branches = branchesOf(shapeOf(config));
  const own = table('option', branches);
  const inner = branches
    .flatMap((branch) => Object.entries(branch.properties ?? {}))
    .flatMap(innerTable);
  return [...(own === null ? [] : [own]), ...new Set(inner)];
}

function innerTable([name, shape]: [string, Shape]): readonly string[] {
  const branches = branchesOf(shape.items ?? shape).filter((one) => one.properties !== undefined);
  const made = branches.length === 0 ? null : table(`in \`${name}\``, branches);
  return made === null ? [] : [made];
}

function table(heading: string, branches: readonly Shape[]): string | null {
  const apart = branches.length < 2 ? undefined : keyApart(branches);
  const rows = rowsOf(branches, apart);
  if (rows.length === 0) return null;
  const kinds = rows[0]?.kinds ?? [];
  const head = [
    heading,
    ...(apart === undefined ? [] : [`with \`${apart}\``]),
    'type',
    'default',
    'meaning',
  ];
  const lines = rows.map((row) => [
    `\`${row.name}\``,
    ...(apart === undefined ? [] : [kindsOf(row.kinds, kinds)]),
    row.type,
    row.value,
    row.meaning,
  ]);
  return [head, head.map(() => '---'), ...lines].map(line).join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** Nothing if all are meant; otherwise the shorter of the included and the excluded ones. */
function kindsOf(meant: readonly string[], all: readonly string[]): string {
  const others = all.filter((kind) => !meant.includes(kind));
  if (others.length === 0) return '';
  const isFew = others.length < meant.length && meant.length > 4;
  return isFew ? `all but ${inWords(others, 'and')}` : inWords(meant);
}

/** Rows of all alternatives; identical rows appear once. The discriminating key comes first. */
function rowsOf(branches: readonly Shape[], apart: string | undefined): readonly Row[] {
  const rows: Row[] = apart === undefined ? [] : [kindRow(apart, branches)];
  for (const branch of branches) {
    const kind = apart === undefined ? '' : code(branch.properties?.[apart]?.const);
    for (const [name, shape] of Object.entries(branch.properties ?? {})) {
      if (name === apart) continue;
      const row = rowOf(name, shape, branch.required?.includes(name) === true, kind);
      const same = rows.find((one) => isSame(one, row));
      if (same === undefined) rows.push(row);
      else same.kinds.push(kind);
    }
  }
  const names = [...new Set(rows.map((row) => row.name))];
  return names.flatMap((name) => rows.filter((row) => row.name === name));
}

function isSame(one: Row, other: Row): boolean {
  return (['name', 'type', 'value', 'meaning'] as const).every((key) => one[key] === other[key]);
}

function keyApart(branches: readonly Shape[]): string | undefined {
  const names = Object.keys(branches[0]?.properties ?? {});
  return names.find((name) => branches.every((one) => one.properties?.[name]?.const !== undefined));
}

function kindRow(name: string, branches: readonly Shape[]): Row {
  const kinds = branches.map((branch) => branch.properties?.[name] ?? {});
  const told = kinds.filter((kind) => kind.description !== undefined);
  const meaning = told.map((kind) => `${code(kind.const)}: ${kind.description}`).join(' ');
  const values = kinds.map((kind) => code(kind.const));
  const type = inWords(values);
  return {
    name,
    type,
    value: 'required',
    meaning: meaning === '' ? 'The kind.' : meaning,
    kinds: values,
  };
}

function rowOf(name: string, shape: Shape, isRequired: boolean, kind: string): Row {
  if (shape.description === undefined) throw new Error(`the option ${name} is not described`);
  const value = isRequired ? 'required' : shape.default === undefined ? '' : code(shape.default);
  return { name, type: typeOf(shape), value, meaning: shape.description, kinds: [kind] };
}

/** The accepted values, in words. */
function typeOf(shape: Shape): string {
  if (shape.const !== undefined) return code(shape.const);
  if (shape.enum !== undefined) return inWords(shape.enum.map(code));
  const branches = shape.oneOf ?? shape.anyOf;
  if (branches !== undefined) return inWords([...new Set(branches.map(typeOf))]);
  switch (shape.type) {
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return `whole number${bounds(shape)}`;
    case 'number':
      return `number${bounds(shape)}`;
    case 'array':
      return `list of ${shape.items?.enum === undefined ? plain(shape.items) : typeOf(shape.items)}`;
    case 'object':
      return isMap(shape) ? `map to ${plain(shape.additionalProperties)}` : 'mapping';
    case 'string':
      return `${plain(shape)}${shape.maxLength === undefined || isDuration(shape) ? '' : `, at most ${shape.maxLength} characters`}`;
    default:
      return 'any';
  }
}

/** The same for the items of lists and maps, without bounds. */
function plain(shape: Shape = {}): string {
  if (shape.type !== 'string' || shape.enum !== undefined) {
    const isMapping = branchesOf(shape).every((one) => one.properties !== undefined);
    return isMapping ? 'mappings' : typeOf(shape);
  }
  if (isDuration(shape)) return 'duration';
  return shape.format === 'uri' ? 'URL' : 'text';
}

function isDuration(shape: Shape): boolean {
  return shape.examples?.includes('15m') === true;
}

function isMap(shape: Shape): shape is Shape & { readonly additionalProperties: Shape } {
  return typeof shape.additionalProperties === 'object';
}

/** The bounds of a number, except those of JavaScript's own integers. */
function bounds({ minimum, maximum }: Shape): string {
  const has = (bound: number | undefined): boolean =>
    bound !== undefined && Math.abs(bound) < 1_000_000_000_000;
  if (has(minimum) && has(maximum)) return `, ${minimum} to ${maximum}`;
  if (has(minimum)) return `, at least ${minimum}`;
  return has(maximum) ? `, at most ${maximum}` : '';
}

/** A value in YAML's short form. */
export function code(value: unknown): string {
  const text = JSON.stringify(value).replace(/"([\w.-]+)"/g, '$1');
  return `\`${text.replaceAll(',', ', ')}\``;
}

/** `a`, `b` or `c`. */
export function inWords(parts: readonly string[], word = 'or'): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`;
}

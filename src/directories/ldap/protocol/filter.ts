/**
 * Search filters (RFC 4515) with the placeholders `{login}` and `{dn}`. A value is never written into
 * the text of a filter: the text is parsed first, then values are put into its parts, so that no value
 * can change what the filter means.
 */
import { element, OCTETS, SEQUENCE } from './ber.ts';

/** Deepest nesting of a filter. */
const MAX_DEPTH = 32;

/** Bytes, or the name of a placeholder. */
type Value = readonly (Buffer | Placeholder)[];

/** A placeholder of a filter. */
export type Placeholder = 'login' | 'dn';

/** What is put into the placeholders. */
export type Values = Readonly<Partial<Record<Placeholder, string>>>;

/** A comparison with an attribute. */
interface Comparison {
  readonly kind: 'equal' | 'greater' | 'less' | 'approximate';
  readonly attribute: string;
  readonly value: Value;
}

/** A filter. */
export type Filter =
  | Comparison
  | { readonly kind: 'and' | 'or' | 'not'; readonly of: readonly Filter[] }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: 'substring'; readonly attribute: string; readonly parts: readonly Value[] }
  | {
      readonly kind: 'rule';
      readonly attribute: string;
      readonly rule: string;
      readonly isDn: boolean;
      readonly value: Value;
    };

/** Parses a filter; null for text that is none. */
export function parseFilter(text: string): Filter | null {
  const parsed = parseAt(text, 0, 0);
  return parsed?.end === text.length ? parsed.filter : null;
}

/** A filter that the schema has checked. */
export function knownFilter(text: string): Filter {
  const filter = parseFilter(text);
  if (filter === null) throw new TypeError('an invalid filter');
  return filter;
}

interface Parsed {
  readonly filter: Filter;
  /** Position behind it. */
  readonly end: number;
}

const JOINTS = { '&': 'and', '|': 'or', '!': 'not' } as const;

function parseAt(text: string, start: number, depth: number): Parsed | null {
  if (text[start] !== '(' || depth > MAX_DEPTH) return null;
  const sign = text[start + 1];
  if (sign !== '&' && sign !== '|' && sign !== '!') {
    // Parentheses in values are escaped.
    const end = text.indexOf(')', start);
    const filter = end < 0 ? null : parseItem(text.slice(start + 1, end));
    return filter === null ? null : { filter, end: end + 1 };
  }
  const of: Filter[] = [];
  let at = start + 2;
  while (text[at] === '(') {
    const inner = parseAt(text, at, depth + 1);
    if (inner === null) return null;
    of.push(inner.filter);
    at = inner.end;
  }
  const isWhole = text[at] === ')' && (sign === '!' ? of.length === 1 : of.length > 0);
  return isWhole ? { filter: { kind: JOINTS[sign], of }, end: at + 1 } : null;
}

const ITEM = /^([A-Za-z][\w.;-]*|\d[\d.]*)([<>~]?=)([^()]*)$/;
const RULE = /^([A-Za-z][\w.;-]*)?(:dn)?(?::([\w.-]+))?:=([^()]*)$/;
const KINDS = { '=': 'equal', '>=': 'greater', '<=': 'less', '~=': 'approximate' } as const;

function parseItem(text: string): Filter | null {
  const [, attribute = '', sign, written = ''] = ITEM.exec(text) ?? [];
  if (sign === '=' || sign === '>=' || sign === '<=' || sign === '~=') {
    if (sign === '=' && written === '*') return { kind: 'present', attribute };
    const parts = written.split('*').map(parseValue);
    const values = parts.filter((part) => part !== null);
    const [value] = values;
    if (value === undefined || values.length !== parts.length) return null;
    if (parts.length === 1) return { kind: KINDS[sign], attribute, value };
    const isSubstring = sign === '=' && values.some((part) => part.length > 0);
    return isSubstring ? { kind: 'substring', attribute, parts: values } : null;
  }
  const [, name = '', dn, rule = '', given] = RULE.exec(text) ?? [];
  const value = given === undefined || given.includes('*') ? null : parseValue(given);
  if (value === null || (name === '' && rule === '')) return null;
  return { kind: 'rule', attribute: name, rule, isDn: dn !== undefined, value };
}

/** `\2a` is a byte, `{login}` and `{dn}` are placeholders. */
function parseValue(text: string): Value | null {
  const value: (Buffer | Placeholder)[] = [];
  for (const [token] of text.matchAll(/\\[\da-f]{2}|\{login\}|\{dn\}|[^\\{]+|./gis)) {
    if (token === '{login}') value.push('login');
    else if (token === '{dn}') value.push('dn');
    else if (token === '\\' || token === '{') return null;
    else if (token.startsWith('\\')) value.push(Buffer.from(token.slice(1), 'hex'));
    else value.push(Buffer.from(token));
  }
  return value;
}

/** All parts of a filter, itself included. */
function partsOf(filter: Filter): readonly Filter[] {
  return 'of' in filter ? [filter, ...filter.of.flatMap(partsOf)] : [filter];
}

function valuesOf(filter: Filter): readonly Value[] {
  if ('value' in filter) return [filter.value];
  return filter.kind === 'substring' ? filter.parts : [];
}

/** The placeholders that occur. */
export function placeholdersOf(filter: Filter): ReadonlySet<Placeholder> {
  const tokens = partsOf(filter).flatMap(valuesOf).flat();
  return new Set(tokens.filter((token) => typeof token === 'string'));
}

/** The attributes that are compared with the login, and how. */
export function loginAttributes(filter: Filter): readonly Comparison[] {
  return partsOf(filter).flatMap((part) =>
    part.kind === 'equal' && hasLogin(part.value) ? [part] : [],
  );
}

/** Whether the filter can find users by login: it only compares whole attributes with it. */
export function isLoginFilter(filter: Filter): boolean {
  const found = partsOf(filter).filter((part) => valuesOf(part).some(hasLogin));
  return found.length > 0 && found.every(({ kind }) => kind === 'equal');
}

function hasLogin(value: Value): boolean {
  return value.includes('login');
}

/** The filter for all logins: every comparison with it becomes one that only requires the attribute. */
export function forEveryLogin(filter: Filter): Filter {
  if ('of' in filter) return { ...filter, of: filter.of.map(forEveryLogin) };
  const isCompared = filter.kind === 'equal' && hasLogin(filter.value);
  return isCompared ? { kind: 'present', attribute: filter.attribute } : filter;
}

/** A comparison with these bytes or this text, whatever they contain. */
export function equals(attribute: string, value: Buffer | string): Filter {
  return { kind: 'equal', attribute, value: [Buffer.from(value)] };
}

/** The bytes of a value. */
export function filled(value: Value, values: Values): Buffer {
  const bytes = value.map((token) =>
    typeof token === 'string' ? Buffer.from(values[token] ?? '') : token,
  );
  return Buffer.concat(bytes);
}

const COMPARISONS = { equal: 0xa3, greater: 0xa5, less: 0xa6, approximate: 0xa8 } as const;
const JOINED = { and: 0xa0, or: 0xa1, not: 0xa2 } as const;

/** The filter in BER (RFC 4511, section 4.5.1.7). */
export function encodeFilter(filter: Filter, values: Values): Buffer {
  switch (filter.kind) {
    case 'and':
    case 'or':
    case 'not':
      return element(JOINED[filter.kind], ...filter.of.map((one) => encodeFilter(one, values)));
    case 'present':
      return element(0x87, filter.attribute);
    case 'substring': {
      const last = filter.parts.length - 1;
      const parts = filter.parts.map((part, index) => {
        const bytes = filled(part, values);
        const tag = index === 0 ? 0x80 : index === last ? 0x82 : 0x81;
        return bytes.length === 0 ? Buffer.alloc(0) : element(tag, bytes);
      });
      return element(0xa4, element(OCTETS, filter.attribute), element(SEQUENCE, ...parts));
    }
    case 'rule':
      return element(
        0xa9,
        ...(filter.rule === '' ? [] : [element(0x81, filter.rule)]),
        ...(filter.attribute === '' ? [] : [element(0x82, filter.attribute)]),
        element(0x83, filled(filter.value, values)),
        ...(filter.isDn ? [element(0x84, Buffer.from([0xff]))] : []),
      );
    default:
      return element(
        COMPARISONS[filter.kind],
        element(OCTETS, filter.attribute),
        element(OCTETS, filled(filter.value, values)),
      );
  }
}

/** Turns text from the environment into the kind of value its place wants. Must never guess where the place is known. */
import type { z } from 'zod';
import { readDocument } from '../parse/document.ts';
import { hasKind } from '../schema/schema-walk.ts';
import type { Tree } from '../faults/source.ts';

/** How a plain text becomes a list: by commas, by lines (for files), or as its only member. */
export type ListBy = 'commas' | 'lines';

/** The value meant by `text` for any of these schemas; `text` itself where text is wanted. */
export function coerce(text: string, wanted: readonly z.ZodType[], listBy: ListBy): Tree {
  const isKnown = wanted.length > 0 && !hasKind(wanted, 'unknown');
  const takesText = hasKind(wanted, 'string') || hasKind(wanted, 'literal');
  if (/^\s*\[/.test(text) && (hasKind(wanted, 'array') || !isKnown)) return flowValue(text) ?? text;
  if (/^\s*\{/.test(text) && (takesObject(wanted) || !isKnown)) return flowValue(text) ?? text;
  if (hasKind(wanted, 'array')) {
    const parts = text.split(listBy === 'commas' ? ',' : /\r?\n/).map((part) => part.trim());
    if (!takesText || parts.length > 1) return parts.filter((part) => part !== '');
    return text;
  }
  const numeric = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/.test(text);
  if (numeric && (hasKind(wanted, 'number') || hasKind(wanted, 'int') || !isKnown)) {
    return Number(text);
  }
  if (/^(?:true|false)$/.test(text) && (hasKind(wanted, 'boolean') || !isKnown)) {
    return text === 'true';
  }
  return text;
}

function takesObject(wanted: readonly z.ZodType[]): boolean {
  return hasKind(wanted, 'object') || hasKind(wanted, 'record');
}

/** A YAML flow value, or null when the text is none. */
function flowValue(text: string): Tree {
  const { source, faults } = readDocument('', text);
  return faults.length > 0 ? null : source.value;
}

/** Turns a text from outside a file into the kind of value that the option has. Must never guess the kind of a known option. */
import type { z } from 'zod';
import { readDocument } from '../parse/document.ts';
import { hasKind } from '../schema/schema-walk.ts';
import type { Tree } from '../faults/source.ts';

/** How a text is split into a list: at commas, or at the ends of lines for the content of a file. */
export type ListBy = 'commas' | 'lines';

/** The value of a text for one of these schemas; the text itself where the option is text. */
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

/** The value of a YAML flow collection; null if the text is not YAML. */
function flowValue(text: string): Tree {
  const { source, faults } = readDocument('', text);
  return faults.length > 0 ? null : source.value;
}

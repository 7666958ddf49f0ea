/** Every regular expression in the sources, so that none is missed where inputs are hostile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceFiles } from './source-files.ts';

const SRC = join(import.meta.dirname, '../../src');

/** One regular expression of the sources. */
export interface Written {
  /** `core/request/path.ts:12 /…/`. */
  readonly place: string;
  readonly regex: RegExp;
}

const LITERAL =
  /(?:^|[(,=:?[&|!{};]|\breturn)\s*(\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/([dgimsuvy]*))(?=\s*(?:[.,;)\]:?}]|$))/gm;

/** All of them below these folders and files of `src`, without tests. */
export function regexesBelow(skipped: (path: string) => boolean): readonly Written[] {
  return sourceFiles(SRC).flatMap((path) => (skipped(path) ? [] : regexesIn(path)));
}

function regexesIn(path: string): Written[] {
  const text = readFileSync(join(SRC, path), 'utf8');
  return [...text.matchAll(LITERAL)].flatMap(({ 1: literal = '', 2: flags = '', index }) => {
    const line = text.slice(0, index).split('\n').length;
    const isComment = /^\s*(?:\*|\/\/)/.test(text.split('\n')[line - 1] ?? '');
    if (isComment) return [];
    const source = literal.slice(1, literal.length - flags.length - 1);
    return [{ place: `${path}:${line} ${literal}`, regex: new RegExp(source, flags) }];
  });
}

/** Characters that matter to a regular expression: those it names, and one of each common class. */
export function piecesFor({ source }: RegExp): readonly string[] {
  const named = source
    .replace(/\\[pP]\{[^}]*\}|\\u\{?[0-9A-Fa-f]+\}?|\\x[0-9A-Fa-f]{2}|\\[a-zA-Z]|\{\d*,?\d*\}/g, '')
    .replace(/\(\?[:=!]|\(\?<[=!]/g, '');
  const literal = new Set(
    named.replace(/[\\^$.*+?()[\]{}|]/g, (sign) => (sign === '.' ? '.' : '')),
  );
  // One letter represents all letters of a class.
  const signs = [...literal].filter((char) => !/[A-Za-z0-9]/.test(char));
  return [...new Set([...signs, 'a', '0', ' ', '\n', '.'])].slice(0, 8);
}

/** The literal prefix after which the interesting part of a regular expression begins. */
export function beginningOf({ source }: RegExp): string {
  const literal = /^\^?((?:[A-Za-z0-9 :,_-]|\\[/.$])*)/.exec(source)?.[1] ?? '';
  const quantified = /[*+?{]/.test(source.charAt(source.indexOf(literal) + literal.length));
  const text = literal.replaceAll('\\', '');
  return quantified ? text.slice(0, -1) : text;
}

/** Every import of a source file, types included, from the syntax tree. */
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAst } from 'vitest/node';
import { sourceFiles } from './source-files.ts';

/** One import. */
export interface Import {
  /** The importing file, relative to the root, with slashes. */
  readonly from: string;
  /** A file relative to the root, a package by its name, or a built-in as `node:fs`. */
  readonly to: string;
  readonly isFile: boolean;
  /** Whether nothing of it remains at run time. */
  readonly isType: boolean;
}

interface Node {
  readonly type: string;
  readonly source?: { readonly value?: unknown } | null;
  readonly importKind?: string;
  readonly exportKind?: string;
}

const WITH_SOURCE = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** The imports in `text`, which is the file `from` under `root`. */
export function importsOf(root: string, from: string, text: string): readonly Import[] {
  const found: Import[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isNode(value) && WITH_SOURCE.has(value.type)) {
      const specifier = value.source?.value;
      if (typeof specifier === 'string') found.push(arrow(root, from, specifier, value));
    }
    for (const child of Object.values(value)) visit(child);
  };
  visit(parseAst(text, { lang: 'ts' }));
  return found;
}

/** The imports of all source files under `root`. */
export function allImports(root: string): readonly Import[] {
  return sourceFiles(root).flatMap((file) =>
    importsOf(root, file, readFileSync(join(root, file), 'utf8')),
  );
}

function isNode(value: object): value is Node {
  return 'type' in value && typeof value.type === 'string';
}

function arrow(root: string, from: string, specifier: string, node: Node): Import {
  const isFile = specifier.startsWith('.');
  const kind = node.importKind ?? node.exportKind;
  return {
    from,
    to: isFile ? relative(root, resolve(root, dirname(from), specifier)) : specifier,
    isFile,
    isType: node.type === 'TSImportType' || kind === 'type',
  };
}

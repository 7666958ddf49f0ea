/** Each room of `src` imports only what `floors.ts` allows, types included. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FLOORS } from './floors.ts';
import { allImports, type Import, importsOf } from './support/imports.ts';
import { isSource, sourceFiles } from './support/source-files.ts';

const SRC = join(import.meta.dirname, '../src');
const IMPORTS = allImports(SRC);

/** The row of a file: the longest matching name. */
function rowOf(file: string): string | undefined {
  const parts = file.split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('/');
    if (name in FLOORS) return name;
    const list = `${parts.slice(0, length - 1).join('/')}/*`;
    if (length === 2 && parts.length > 2 && list in FLOORS) return list;
  }
  return undefined;
}

/** The folder that a file belongs to: each plug-in under `list/*` has its own. */
function roomOf(file: string): string | undefined {
  const row = rowOf(file);
  return row?.endsWith('/*') ? file.split('/').slice(0, 2).join('/') : row;
}

function covers(entry: string, { to, isFile, isType }: Import): boolean {
  const name = entry.replace(/^type:/, '');
  if (entry.startsWith('type:') && !isType) return false;
  if (!isFile) return name === to;
  const room = name.endsWith('/*') ? name.slice(0, -1) : `${name}/`;
  return to === name || to.startsWith(room);
}

function isAllowed(arrow: Import): boolean {
  const row = rowOf(arrow.from);
  if (row === undefined) return false;
  // The package has no tests.
  if (arrow.isFile && arrow.to.endsWith('.ts') && !isSource(arrow.to)) return false;
  if (arrow.isFile && roomOf(arrow.from) === roomOf(arrow.to)) return true;
  return FLOORS[row]?.some((entry) => covers(entry, arrow)) ?? false;
}

/** Groups of files that import one another, directly or through others (Tarjan 1972). */
function cycles(arrows: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to, isFile } of arrows) {
    if (isFile) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const order = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const lowest = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    stack.push(file);
    let low = index;
    for (const next of targets.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, lowest(next));
      else if (stack.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === index) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1 || targets.get(file)?.includes(file) === true) found.push(group);
    }
    return low;
  };
  for (const file of targets.keys()) if (!order.has(file)) lowest(file);
  return found;
}

describe('the allow-list of imports', () => {
  it('has a row for every file', () => {
    expect(sourceFiles(SRC).filter((file) => rowOf(file) === undefined)).toEqual([]);
  });

  it('allows every existing import', () => {
    const refused = IMPORTS.filter((arrow) => !isAllowed(arrow));
    expect(refused.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('allows nothing that is unused', () => {
    const unused = Object.entries(FLOORS).flatMap(([row, entries]) => {
      const arrows = IMPORTS.filter(({ from }) => rowOf(from) === row);
      return entries
        .filter((entry) => !arrows.some((arrow) => covers(entry, arrow)))
        .map((entry) => `${row} → ${entry}`);
    });
    expect(unused).toEqual([]);
  });

  it('permits no cycle of files, types included', () => {
    expect(cycles(IMPORTS)).toEqual([]);
  });
});

describe('planted violations', () => {
  const refused = (from: string, text: string): boolean =>
    importsOf(SRC, from, text).some((arrow) => !isAllowed(arrow));

  it.each([
    [
      'a policy imports the process',
      'policies/time/policy.ts',
      `import '../../run/command-context.ts';`,
    ],
    [
      'a policy imports a type of the process',
      'policies/time/policy.ts',
      `import type { X } from '../../run/command-context.ts';`,
    ],
    [
      'a policy names a type of the process inline',
      'policies/time/policy.ts',
      `type X = import('../../run/command-context.ts').X;`,
    ],
    [
      'a policy imports its examples, which only tests have',
      'policies/time/policy.ts',
      `import './examples.ts';`,
    ],
    ['a stage imports another', 'stages/deny/stage.ts', `import '../consent/stage.ts';`],
    ['the gate imports a package', 'gate/check/check.ts', `import nodemailer from 'nodemailer';`],
    ['the gate loads a package later', 'gate/check/check.ts', `await import('yaml');`],
    [
      'the gate uses a package of which it may know types alone',
      'gate/check/check.ts',
      `import { createServer } from 'node:http';`,
    ],
    ['the core uses zod at run time', 'core/flow/stage.ts', `import { z } from 'zod';`],
    ['an early wing imports a later one', 'core/values/x.ts', `export * from '../flow/plan.ts';`],
    ['a new folder', 'services/x.ts', `import '../core/values/json.ts';`],
    ['a new file at the root', 'extra.ts', `import './core/values/json.ts';`],
  ])('%s: rejected', (_what, from, text) => {
    expect(refused(from, text)).toBe(true);
  });

  it('a cycle of types is found', () => {
    const arrows = [
      ...importsOf(SRC, 'core/flow/a.ts', `import type { B } from './b.ts';`),
      ...importsOf(SRC, 'core/flow/b.ts', `export type { A } from './a.ts';`),
    ];
    expect(cycles(arrows)).toEqual([['core/flow/a.ts', 'core/flow/b.ts']]);
  });
});

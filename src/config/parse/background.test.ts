import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { FaultPath } from '../faults/fault.ts';
import type { Source, Tree } from '../faults/source.ts';
import { finish } from '../../core/values/steps.ts';
import { assemble, readInBackground } from './background.ts';
import { readDocument } from './document.ts';

const LONG = Array.from(
  { length: 400 },
  (_, i) => `- { id: app-${i}, hosts: [a${i}, b${i}], paths: [{ path: /x }] }\n`,
).join('');
const INDENTED = LONG.replaceAll(/^/gm, '  ');

const pauseAtOnce = () => Promise.resolve();

/** Line and column of every value of a source. */
function locations(source: Source, value: Tree = source.value, path: FaultPath = []): string[] {
  const { line, col } = source.location(path);
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [
    `${path.join('.')} ${line}:${col}`,
    ...inner.flatMap(([key, member]) =>
      locations(source, member, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

describe('a file that is parsed in the background', () => {
  it.each([
    ['a list', LONG],
    ['a mapping with a long list', `public_url: x\nroutes:\n${INDENTED}brand: { name: y }\n`],
    ['two long lists', `a:\n${INDENTED}b:\n${INDENTED}`],
    ['a mapping without lists', `a:\n${'  x: 1\n'.repeat(1)}b: ${'y'.repeat(20_000)}\n`],
    ['one long text', `"${'x'.repeat(20_000)}"`],
    ['a mapping with faults', `routes:\n${INDENTED}routes: []\n__proto__: 1\n`],
    ['no YAML at all', `${LONG}- ]\n`],
    ['too many levels', `${LONG}- ${'['.repeat(100)}${']'.repeat(100)}\n`],
  ])('has the same values, locations and faults: %s', async (_, text) => {
    const direct = readDocument('x.yaml', text);
    const read = await readInBackground('x.yaml', text, pauseAtOnce);
    expect(read.faults).toEqual(direct.faults);
    expect(read.source.value).toEqual(direct.source.value);
    expect(locations(read.source)).toEqual(locations(direct.source));
    expect(read.source.fault(['routes', 7, 'id'], 'x', null, 'key')).toEqual(
      direct.source.fault(['routes', 7, 'id'], 'x', null, 'key'),
    );
  });

  it('lets this thread do other work while it is parsed, and while its parts arrive', async () => {
    let turns = 0;
    let pauses = 0;
    const count = () => (turns += 1);
    setImmediate(count);
    const pause = () => {
      // The parser has finished by now; other work was done before it had.
      expect(turns).toBeGreaterThan(0);
      return Promise.resolve((pauses += 1));
    };
    await readInBackground('x.yaml', LONG, pause);
    expect(pauses).toBe(400 / 16);
  });
});

const part = { key: null, item: 'x', offsets: new Map() };
const head = (count: number) => ({
  contents: { value: [], offsets: new Map() },
  faults: [],
  count,
});

function assembled(...messages: readonly object[]) {
  const { port1, port2 } = new MessageChannel();
  for (const message of messages) port2.postMessage(message, []);
  try {
    return finish(assemble(port1)).contents.value;
  } finally {
    port1.close();
  }
}

describe('the parts of a file', () => {
  it('form a whole if all of them arrived', () => {
    expect(assembled(head(2), part, part)).toEqual(['x', 'x']);
  });

  it.each([
    ['one of them', [head(2), part]],
    ['all of them', []],
  ])('are a fault without %s, not a shorter configuration', (_, messages) => {
    expect(() => assembled(...messages)).toThrow(/arrived/);
  });
});

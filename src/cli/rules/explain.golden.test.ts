/**
 * Thirty questions about a real configuration with their replies, as text and JSON. `vitest -u`
 * writes them again; read what it wrote.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fakeClock } from '../../../test/support/fakes.ts';
import { createCommandContext } from '../../run/command-context.ts';
import { run } from '../program.ts';

const FOLDER = 'test/golden/explain';
const GOLDEN = join(import.meta.dirname, '../../..', FOLDER);

type Question = Readonly<Record<string, string | readonly string[]>>;

const questions = Object.entries(
  parse(readFileSync(join(GOLDEN, 'questions.yaml'), 'utf8')) as Record<string, Question>,
);

const real = createCommandContext(() => Promise.resolve(0));
let loading: ReturnType<typeof real.load> | null = null;

/** The output; external data is unavailable, as in a gateway whose state does not respond. */
async function answerTo(question: Question, ...more: string[]) {
  const output = { out: '', err: '' };
  const options = Object.entries(question).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((one) => [`--${name}`, one]),
  );
  const code = await run(
    {
      ...real,
      clock: fakeClock(),
      load: (chosen) => (loading ??= real.load(chosen)),
      openSignals: () =>
        Promise.resolve({ source: async () => ({}), close: () => Promise.resolve() }),
      terminal: {
        ...real.terminal,
        out: (text) => void (output.out += text),
        err: (text) => void (output.err += text),
      },
    },
    ['explain', '-c', `${FOLDER}/site.yaml`, ...options, ...more],
  );
  return { ...output, code };
}

describe('explain', () => {
  it('is asked at least twenty questions', () => {
    expect(questions.length).toBeGreaterThanOrEqual(20);
  });

  it.each(questions)('explains %s', async (name, question) => {
    const text = await answerTo(question);
    const json = await answerTo(question, '--json');
    expect([text.err, json.err, json.code]).toEqual(['', '', text.code]);
    const { decision } = JSON.parse(json.out) as { decision: string };
    expect(text.out.startsWith(decision)).toBe(true);
    expect(text.code).toBe(decision === 'allow' ? 0 : 1);
    await expect(text.out).toMatchFileSnapshot(join(GOLDEN, `${name}.txt`));
    await expect(json.out).toMatchFileSnapshot(join(GOLDEN, `${name}.json`));
  });
});

/**
 * A stage, a policy, a signal and a dialect, added by the steps of CONTRIBUTING.md itself to a copy of
 * the repository: a folder and a line in a list are enough, and the copy passes before it is changed.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepsBelow, withPlugin } from '../support/contributing.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'doorward-scaffold-'));
const LEFT_OUT = new Set(['.git', 'node_modules', 'data', '.vitest']);

const SECTIONS = [
  { heading: 'Add a stage', list: 'stages', name: 'birthday', suite: 'the stage birthday' },
  { heading: 'Add a policy', list: 'policies', name: 'team', suite: 'the policy team' },
  { heading: 'Add a signal', list: 'signals', name: 'agreement', suite: null },
  { heading: 'Add a dialect', list: 'dialects', name: 'skipper', suite: 'the skipper dialect' },
] as const;

const steps = SECTIONS.flatMap(({ heading }) => stepsBelow(heading));
const commands = steps.flatMap((step) => (step.kind === 'run' ? [step.command] : []));
const copying = commands.filter((command) => /^(?:cp|sed) /.test(command));
const testing = commands.filter((command) => /^npx vitest run (?:src|test)\//.test(command));
const once = [...new Set(commands)].filter(
  (command) => !copying.includes(command) && !testing.includes(command),
);

/** What the steps write, in an order that suits all of them. */
const WRITING = [
  'npm run format',
  'npm run generate',
  'npx vitest run golden -u --project unit',
] as const;

/**
 * In place of `npm run check`: its rules of lint and dead code take a minute of processor time, and
 * the copies are of code that passes them. Several checkers of types would repeat each other's work.
 */
const CHECKS = ['npm run check:types -- --checkers 1', 'npm run check:generated'] as const;

/** Milliseconds; for a machine that does much else. */
const SLOW = 600_000;

/** What vitest reports as JSON. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

beforeAll(() => {
  for (const name of readdirSync(ROOT).filter((one) => !LEFT_OUT.has(one))) {
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  }
  // Links one by one, so that caches of the copy are its own.
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name.startsWith('.') && name !== '.bin') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(dir, 'node_modules', name));
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs a command in the copy as a contributor would. Rejects with its output if it fails. */
async function run(command: string): Promise<void> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_ENV)/.test(name));
  const path = [join(dir, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH']];
  const env = { ...Object.fromEntries(own), PATH: path.join(':') };
  const sh = promisify(execFile)('sh', ['-c', command], { cwd: dir, env, maxBuffer: 64 << 20 });
  await sh.catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${command}\n${error.stdout}\n${error.stderr}`);
  });
}

/** Files of the copy's sources that are new or differ. */
function changed(folder = 'src'): string[] {
  return readdirSync(join(dir, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return changed(path);
    return readOr(join(ROOT, path)) === readOr(join(dir, path)) ? [] : [path];
  });
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Named fallback: the file is new.
    return null;
  }
}

describe('plug-ins added by the steps of CONTRIBUTING.md', () => {
  it('are a folder and a line in a list', async () => {
    for (const step of steps) {
      if (step.kind === 'insert') {
        const path = join(dir, step.path);
        writeFileSync(path, withPlugin(readFileSync(path, 'utf8'), step.lines));
      } else if (copying.includes(step.command)) await run(step.command);
    }
    const parts = SECTIONS.flatMap(({ list, name }) => [
      join('src', list, name),
      join('src', list, 'index.ts'),
    ]);
    const touched = changed().map((path) =>
      parts.find((part) => `${path}/`.startsWith(`${part}/`)),
    );
    expect(new Set(touched)).toEqual(new Set(parts));
  });

  it('have steps that this test knows', () => {
    expect(once.toSorted()).toEqual(['npm run check', ...WRITING].toSorted());
    expect(testing).toHaveLength(SECTIONS.length);
  });

  it.each([...WRITING, ...CHECKS])('pass after %s', { timeout: SLOW }, async (command) => {
    await expect(run(command)).resolves.toBeUndefined();
  });

  it('pass the contracts of their lists and their own tests', { timeout: SLOW }, async () => {
    const files = new Set(testing.flatMap((command) => command.split(' ').slice(3)));
    const report = join(dir, 'report.json');
    // Tests of the new folders alone; some titles begin with a capital.
    const names = SECTIONS.map(({ name }) => name.replace(/^./, '.')).join('|');
    await run(
      `npx vitest run ${[...files].join(' ')} -t '${names}' --reporter=json --outputFile=${report}`,
    );
    const { testResults }: Report = JSON.parse(readFileSync(report, 'utf8'));
    const passed = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'passed')
        .map(({ ancestorTitles: [title = ''] }) => ({ path: relative(dir, name), title })),
    );
    for (const { list, name, suite } of SECTIONS) {
      expect(passed.some(({ path }) => path.startsWith(`src/${list}/${name}/`))).toBe(true);
      if (suite !== null) expect(passed.map(({ title }) => title)).toContain(suite);
    }
  });
});

/**
 * More than twenty malformed configurations, each with its line and its remedy, on the real lists.
 * `vitest -u` writes them again; read what it wrote.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realLists as lists } from '../../test/support/configuration.ts';
import { shippedFlows } from '../run/backing/load.ts';
import { formatFaults } from './faults/fault.ts';
import { loadConfiguration } from './load.ts';

const GOLDEN = join(import.meta.dirname, '../../test/golden/config');
const cases = readdirSync(GOLDEN).filter((name) => name.endsWith('.yaml'));

/** Lines such as `# env: NAME=value` at the head of a case. */
function environmentOf(text: string): Record<string, string> {
  const lines = text.matchAll(/^# env: (\w+)=(.*)$/gm);
  return Object.fromEntries([...lines].map((line) => [line[1] as string, line[2] as string]));
}

describe('a malformed configuration', () => {
  it('has at least twenty cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(20);
  });

  it.each(cases)('%s is refused with every line and its remedy', async (file) => {
    const env = environmentOf(readFileSync(join(GOLDEN, file), 'utf8'));
    const input = { file, cwd: GOLDEN, env, lists, shippedFlows: shippedFlows() };
    const loaded = await loadConfiguration(input);
    expect(loaded.ok).toBe(false);
    const text = loaded.ok ? '' : formatFaults(loaded.faults);
    await expect(text).toMatchFileSnapshot(join(GOLDEN, file.replace(/\.yaml$/, '.txt')));
  });
});

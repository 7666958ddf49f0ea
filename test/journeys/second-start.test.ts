/**
 * The shipped configuration, started twice in the same folder: what it creates and shows only once.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');

let dir: string;
let env: Record<string, string>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorward-twice-'));
  for (const folder of ['config', 'flows']) {
    cpSync(join(ROOT, folder), join(dir, folder), { recursive: true });
  }
  const port = await freePort();
  env = {
    DOORWARD_PUBLIC_URL: `http://auth.demo.localhost:${port}`,
    DOORWARD_LISTEN: `127.0.0.1:${port}`,
    DOORWARD_ADMIN__LISTEN: `127.0.0.1:${await freePort()}`,
  };
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Starts it, reads its output up to the first users, and stops it. */
async function start(more: Record<string, string> = {}): Promise<string> {
  const gateway = await startProgram(process.execPath, [join(ROOT, 'src/main.ts'), 'serve'], {
    cwd: dir,
    env: { ...env, ...more },
    isReady: (output) => /^ +ann +\/.*\n/m.test(output),
  });
  await gateway.stop();
  return gateway.output();
}

describe('a fresh machine', () => {
  it('shows the password at its first start, and the file that has it at the second', async () => {
    const first = await start();
    const password = /admin +\/ ([a-z]+(?:-[a-z0-9]+)+)/.exec(first)?.[1] ?? '';
    expect(password).not.toBe('');
    const kept = readFileSync(join(dir, 'data/first-sign-in.txt'), 'utf8');
    expect(kept).toContain(`admin / ${password}\n`);
    const passwords = [...kept.matchAll(/ \/ (\S+)/g)].map((match) => match[1] ?? '');
    expect(passwords).toHaveLength(2);
    const second = await start();
    expect(second).toContain('(in ./data/first-sign-in.txt)');
    for (const secret of passwords) expect(second).not.toContain(secret);
    expect(readFileSync(join(dir, 'data/first-sign-in.txt'), 'utf8')).toBe(kept);
  });

  it("gives the file's actual location, also with workers", async () => {
    const more = { DOORWARD_DATA_DIR: './else/where', DOORWARD_WORKERS: '2' };
    expect(await start(more)).toContain('else/where/first-sign-in.txt (0600)');
    expect(await start(more)).toContain('(in ./else/where/first-sign-in.txt)');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { until } from '../../../test/support/until.ts';
import { watchFile } from './watching.ts';

it('is out of date until the change has been read, even if another check finds nothing new meanwhile', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'doorward-watching-'));
  const path = join(dir, 'users.yaml');
  writeFileSync(path, 'first');
  let reads = 0;
  const second = Promise.withResolvers<void>();
  const watched = watchFile(path, () => ((reads += 1) === 1 ? Promise.resolve() : second.promise), {
    settle: 1,
    poll: 600_000,
  });
  onTestFinished(() => {
    watched.stop();
    rmSync(dir, { recursive: true });
  });
  await until('the file is read', () => reads === 1);
  writeFileSync(path, 'second');
  await until('the change is being read', () => reads === 2);
  const looked = watched.look();
  for (let i = 0; i < 5; i += 1) await stat(path);
  expect(watched.isHeardOf()).toBe(true);
  second.resolve();
  await looked;
  expect(watched.isHeardOf()).toBe(false);
});

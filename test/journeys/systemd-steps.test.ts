/** The steps in the comment of the systemd unit, run literally below a scratch folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { startProgram } from '../support/program.ts';
import { isReady } from '../support/site.ts';

const ROOT = join(import.meta.dirname, '../..');
const unit = readFileSync(join(ROOT, 'examples/systemd/doorward.service'), 'utf8');
/** The commands, without the remarks in brackets. */
const steps = [...unit.matchAll(/^# {3}(\S.*)$/gm)].map((step) =>
  (step[1] ?? '').replace(/ +\([^)]*\)$/, ''),
);

let scratch: string;
let clone: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'doorward-unit-'));
  clone = join(scratch, 'opt/doorward');
  for (const folder of [
    'opt/doorward',
    'etc/systemd/system',
    'var/lib/doorward',
    'var/cache/doorward',
  ]) {
    mkdirSync(join(scratch, folder), { recursive: true });
  }
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Absolute paths of the machine, moved below the scratch folder. */
const moved = (text: string): string =>
  text.replace(/(?<=^|[\s=:])\/(?=(?:opt|etc|var)\/)/g, `${scratch}/`);

/** The values of a key in the unit; the environment as one map. */
const valuesOf = (key: string): string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((match) => moved(match[1] ?? ''));
const environment = (): Record<string, string> =>
  Object.fromEntries(
    valuesOf('Environment')
      .flatMap((line) => line.split(' '))
      .map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );

describe('the steps of the systemd unit', () => {
  it('UNIT-steps: run literally, they pass the check and start the gateway', async () => {
    const [install, ...files] = steps;
    expect(install).toBe('git clone … /opt/doorward && cd /opt/doorward && npm ci --omit=dev');
    for (const name of execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split(
      '\n',
    )) {
      if (name !== '' && existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(clone, name));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
    expect(files.pop()).toBe('systemctl enable --now doorward');
    expect(files.length).toBeGreaterThan(1);
    for (const step of files) execFileSync('sh', ['-ec', moved(step)], { cwd: clone });
    expect(readFileSync(join(scratch, 'etc/systemd/system/doorward.service'), 'utf8')).toBe(unit);

    const [port, adminPort] = [await freePort(), await freePort()];
    const env = {
      ...environment(),
      DOORWARD_PUBLIC_URL: `http://auth.demo.localhost:${port}`,
      DOORWARD_LISTEN: `127.0.0.1:${port}`,
      DOORWARD_ADMIN__LISTEN: `127.0.0.1:${adminPort}`,
    };
    const cwd = valuesOf('WorkingDirectory')[0] ?? '';
    const [env0 = '', ...check] = (valuesOf('ExecStartPre')[0] ?? '').split(' ');
    const checked = spawnSync(env0, check, { cwd, env, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    const [env1 = '', ...serve] = (valuesOf('ExecStart')[0] ?? '').split(' ');
    const gateway = await startProgram(env1, serve, {
      cwd,
      env,
      isReady: () => isReady(adminPort),
    });
    await gateway.stop();
    expect(existsSync(join(scratch, 'var/lib/doorward/state.db'))).toBe(true);
  });
});

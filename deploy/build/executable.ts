/**
 * Makes one executable file of Node and the bundle: https://nodejs.org/api/single-executable-applications.html.
 * Made for the system and by the Node that it runs on.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { bundle } from './bundle.ts';

/** Shipped files, by their folder in `src/shipped/shipped.ts`. */
const SHIPPED: Readonly<Record<string, string>> = {
  'demo/assets': 'src/demo/assets',
  flows: 'flows',
  'pages/assets': 'src/pages/assets',
  'signals/common': 'src/signals/common',
};

/** Writes the executable of the tree at `root` to the path `output`. */
export async function writeExecutable(root: string, output: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'doorward-executable-'));
  try {
    await bundle(root, join(work, 'dist'), 'executable');
    const start = join(root, 'deploy/executable/start.cjs');
    const assets: Record<string, string> = {
      'start.cjs': start,
      'doorward.yaml': join(root, 'config/doorward.yaml'),
    };
    for (const [place, folder] of [
      ['dist', join(work, 'dist')],
      ...shippedFolders(root),
    ] as const) {
      for (const name of readdirSync(folder)) {
        if (!name.endsWith('.ts') && !name.endsWith('.md'))
          assets[`${place}/${name}`] = join(folder, name);
      }
    }
    const node = strippedNode(work);
    mkdirSync(dirname(output), { recursive: true });
    rmSync(output, { force: true });
    const settings = {
      main: start,
      executable: node,
      output,
      assets,
      disableExperimentalSEAWarning: true,
    };
    writeFileSync(
      join(work, 'sea.json'),
      JSON.stringify({ ...settings, execArgvExtension: 'none' }),
    );
    execFileSync(process.execPath, ['--build-sea', join(work, 'sea.json')], { stdio: 'pipe' });
    chmodSync(output, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function shippedFolders(root: string): readonly (readonly [string, string])[] {
  return Object.entries(SHIPPED).map(([place, folder]) => [place, join(root, folder)] as const);
}

/** A fifth of Node is symbols for debuggers. */
function strippedNode(work: string): string {
  const node = join(work, 'node');
  cpSync(process.execPath, node);
  if (process.platform === 'linux') execFileSync('strip', ['--strip-all', node]);
  return node;
}

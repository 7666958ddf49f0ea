/** `npm run build`: writes what users can install into `dist/`. */
import { join, relative } from 'node:path';
import process from 'node:process';
import { writeExecutable } from './executable.ts';
import { writePackage } from './package.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The name of an executable says where it runs. */
const EXECUTABLE = `doorward-${process.platform}-${process.arch}${process.platform === 'win32' ? '.exe' : ''}`;

const npm = join(ROOT, 'dist/npm');
await writePackage(ROOT, npm);
tell(npm, 'the npm package');

const executable = join(ROOT, 'dist', EXECUTABLE);
await writeExecutable(ROOT, executable);
tell(executable, 'one file that needs no Node');

function tell(path: string, what: string): void {
  process.stdout.write(`${relative(process.cwd(), path)}: ${what}\n`);
}

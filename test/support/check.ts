/**
 * `npm run check` runs all scripts `check:…` of package.json at once. Each prints one line when it
 * ends, and its output if it failed; one failure makes the command fail.
 */
import { exec } from 'node:child_process';
import manifest from '../../package.json' with { type: 'json' };

function passes(name: string): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    exec(`npm run -s ${name}`, { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${error === null ? 'ok     ' : 'FAILED '} ${name} ${seconds} s`);
      if (error !== null) process.stdout.write(stdout + stderr);
      resolve(error === null);
    });
  });
}

const names = Object.keys(manifest.scripts).filter((name) => name.startsWith('check:'));
const passed = await Promise.all(names.map(passes));
process.exitCode = passed.every(Boolean) ? 0 : 1;

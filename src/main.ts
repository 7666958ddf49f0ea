#!/usr/bin/env node
/** argv → the command → the exit code. Everything heavy is loaded by the command that needs it. */
import { enableCompileCache } from 'node:module';
import { sayIfSlow } from './run/slow-start.ts';

enableCompileCache();
const isUp = process.argv[2] === 'serve' ? sayIfSlow() : () => undefined;

const [{ run }, { createCommandContext }] = await Promise.all([
  import('./cli/program.ts'),
  import('./run/command-context.ts'),
]);

const context = createCommandContext(async (chosen) =>
  (await import('./run/serve.ts')).serve(chosen, isUp),
);
process.exitCode = await run(context, process.argv.slice(2));

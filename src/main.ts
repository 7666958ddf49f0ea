#!/usr/bin/env node
/** argv → the command → the exit code. Everything heavy is loaded by the command that needs it. */
import { enableCompileCache } from 'node:module';
import { sayIfSlow } from './run/slow-start.ts';

enableCompileCache();
const isUp = process.argv[2] === 'serve' ? sayIfSlow() : () => undefined;

const [{ run }, { createTools }] = await Promise.all([
  import('./cli/shell/program.ts'),
  import('./run/tools.ts'),
]);

const tools = createTools(async (chosen) => (await import('./run/serve.ts')).serve(chosen, isUp));
process.exitCode = await run(tools, process.argv.slice(2));

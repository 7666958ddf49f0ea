#!/usr/bin/env node
/** argv → the command → the exit code. Everything heavy is loaded by the command that needs it. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const [{ run }, { createTools }] = await Promise.all([
  import('./cli/program.ts'),
  import('./tools.ts'),
]);

const tools = createTools(async (chosen) => (await import('./serve.ts')).serve(chosen));
process.exitCode = await run(tools, process.argv.slice(2));

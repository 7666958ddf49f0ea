/** Entry point of a worker process; only workers.ts starts it. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { work } = await import('./work.ts');
await work();

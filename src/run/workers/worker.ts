/** Where a worker process begins; workers.ts starts it, nobody else does. */
import { enableCompileCache } from 'node:module';

enableCompileCache();

const { work } = await import('./work.ts');
await work();

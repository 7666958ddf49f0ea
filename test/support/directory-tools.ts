/** Dependencies of directories for tests: real randomness, fast hashes, a folder of their own. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../src/core/access/event.ts';
import { skeletonOf } from '../../src/directories/embedded/skeleton.ts';
import type { Clock, Random } from '../../src/core/values/system.ts';
import type { EventSink } from '../../src/core/access/event.ts';
import type { Passwords } from '../../src/core/people/password.ts';

function digest(password: string): string {
  return createHash('sha256').update(password).digest('base64url');
}

/** Passwords without hashing cost: `plain$<digest>`, and `old$<digest>`, which is outdated. */
function quickPasswords(): Passwords {
  return {
    hash: async (password) => `plain$${digest(password)}`,
    verify: async (hash, password) =>
      hash !== null && hash.endsWith(`$${digest(password)}`) ? 'right' : 'wrong',
    isOutdated: (hash) => !hash.startsWith('plain$'),
    isQuick: () => false,
    costOf: (hash) => /^(plain|old)\$[\w-]{43}$/.exec(hash)?.[1] ?? null,
    isHash: (text) => /^(?:plain|old)\$[\w-]{43}$/.test(text),
  };
}

/** The dependencies, with the folder and the emitted events. */
export interface DirectoryTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly passwords: Passwords;
  readonly events: EventSink;
  readonly skeleton: (name: string) => string;
  readonly told: readonly Event[];
  readonly dataDir: string;
  remove(): Promise<void>;
}

/** Creates a folder under the system's temporary folder. */
export async function directoryTools(): Promise<DirectoryTools> {
  const dataDir = await mkdtemp(join(tmpdir(), 'doorward-directory-'));
  const told: Event[] = [];
  let now = Date.UTC(2026, 10, 23);
  return {
    clock: { now: () => (now += 1) },
    random: { token: (bytes) => randomBytes(bytes).toString('base64url') },
    passwords: quickPasswords(),
    events: { emit: (event) => void told.push(event) },
    skeleton: skeletonOf,
    told,
    dataDir,
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

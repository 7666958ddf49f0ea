/** A configuration in a folder of its own, loaded with the real lists. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Fault, formatFaults } from '../../src/config/faults/fault.ts';
import type { Linked } from '../../src/config/link/link.ts';
import type { Lists } from '../../src/config/settings/lists.ts';
import { type Loaded, type LoadInput, loadConfiguration } from '../../src/config/load.ts';
import { directories } from '../../src/directories/index.ts';
import { flowTexts } from '../../src/flow/web/texts.ts';
import { mailers } from '../../src/mailers/index.ts';
import { policies } from '../../src/policies/index.ts';
import { signals } from '../../src/signals/index.ts';
import { sources } from '../../src/sources/index.ts';
import { shippedFlows } from '../../src/run/backing/load.ts';
import { stages } from '../../src/stages/index.ts';
import { stores } from '../../src/stores/index.ts';

export const realLists: Lists = {
  stages,
  policies,
  signals,
  stores,
  directories,
  sources,
  mailers,
  texts: flowTexts,
};
export const SHIPPED_FLOWS = join(import.meta.dirname, '../../flows');

/** A folder with files, removed when disposed of. */
export function folderOf(files: Readonly<Record<string, string>>): Disposable & {
  readonly path: string;
  readonly write: (name: string, text: string) => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'doorward-config-'));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    path,
    write,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Loads `doorward.yaml` of a folder. */
export function loadFolder(path: string, more: Partial<LoadInput> = {}): Promise<Loaded> {
  const input = { file: 'doorward.yaml', cwd: path, env: {}, lists: realLists };
  return loadConfiguration({ ...input, shippedFlows: shippedFlows(), ...more });
}

/**
 * Loads a main file from its text. Flow files given beside it are the only ones, unless `env` is
 * given.
 */
export async function loadText(
  text: string,
  more: Partial<LoadInput> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<Loaded> {
  const { files, ...input } = more;
  const hasFlows = Object.keys(files ?? {}).some((name) => name.startsWith('flows/'));
  const env = hasFlows && /^flows:/m.test(text) ? { DOORWARD_FLOWS_ONLY: 'true' } : {};
  using folder = folderOf({ ...files, 'doorward.yaml': text });
  return await loadFolder(folder.path, { env, ...input });
}

/** The loaded configuration; throws with the faults if it is invalid. */
export function linkedOf(loaded: Loaded): Linked {
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults));
  return loaded;
}

/** The faults; throws if there are none. */
export function faultsOf(loaded: Loaded): readonly Fault[] {
  if (loaded.ok) throw new Error('expected faults, and there are none');
  return loaded.faults;
}

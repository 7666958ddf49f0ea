/**
 * Files that ship with the gateway: flows, style sheets, scripts, the list of common passwords. Here they
 * are on disk; a single executable contains them (`deploy/executable/shipped.ts` takes this file's place).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = {
  'demo/assets': '../demo/assets',
  flows: '../../flows',
  'pages/assets': '../pages/assets',
  'signals/common': '../signals/common',
} as const;

/** A folder of shipped files. */
export type ShippedFolder = keyof typeof FOLDERS;

/** The content of a file. */
export function readShipped(folder: ShippedFolder, name: string): Buffer {
  return readFileSync(pathOf(folder, name));
}

/** The names in a folder, sorted. */
export function shippedNames(folder: ShippedFolder): readonly string[] {
  return readdirSync(join(import.meta.dirname, FOLDERS[folder])).sort();
}

/** The file as messages name it. */
export function pathOf(folder: ShippedFolder, name: string): string {
  return join(import.meta.dirname, FOLDERS[folder], name);
}

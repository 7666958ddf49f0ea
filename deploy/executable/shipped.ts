/** Takes the place of `src/shipped/shipped.ts` in a single executable: the files are in the executable. */
import { getAssetKeys, getRawAsset } from 'node:sea';

/** The content of a file. */
export function readShipped(folder: string, name: string): Buffer {
  return Buffer.from(getRawAsset(`${folder}/${name}`));
}

/** The names in a folder, sorted. */
export function shippedNames(folder: string): readonly string[] {
  const start = `${folder}/`;
  return getAssetKeys()
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length))
    .sort();
}

/** The file as messages name it. It is in no folder, so the name is no path of the machine. */
export function pathOf(folder: string, name: string): string {
  return `/doorward/${folder}/${name}`;
}

/** The notices that the licenses of bundled packages ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licenses that permit distribution in a bundle together with their notice. */
const PERMITTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
]);

/** One text with the license of each package. Throws if a license is missing or not permitted. */
export function noticesOf(folders: readonly string[]): string {
  const head = 'Doorward contains the following packages.\n';
  return [head, ...folders.map(noticeOf)].join(`\n${'-'.repeat(72)}\n\n`);
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as { readonly name: string; readonly version: string; readonly license?: string };
  if (license === undefined || !PERMITTED.has(license)) {
    throw new Error(`${name} has the license ${license ?? '(none)'}, which is not in PERMITTED`);
  }
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
  const texts = files
    .map((file) => join(folder, file))
    .map((path) => readFileSync(path, 'utf8').trim());
  return [`${name} ${version} (${license})\n`, ...texts].join('\n') + '\n';
}

/** Assembles the npm package: the bundle and what it reads, with a manifest of its own. */
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { noticesOf } from './notices.ts';

/** Files of the tree, by their place in the package. The bundle looks for those below `dist`. */
const FILES: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'CHANGELOG.md',
  LICENSE: 'LICENSE',
  'README.md': 'deploy/npm/README.md',
  'bin/doorward.js': 'deploy/npm/doorward.js',
  'config/doorward.yaml': 'config/doorward.yaml',
  'dist/demo/assets': 'src/demo/assets',
  'dist/pages/assets': 'src/pages/assets',
  'dist/signals/common/passwords.bin': 'src/signals/common/passwords.bin',
  'docs/schema': 'docs/schema',
  flows: 'flows',
};

interface Manifest {
  readonly [field: string]: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Fields of the tree's manifest that the package has too. */
const FIELDS = ['name', 'version', 'description', 'keywords', 'license', 'type', 'engines', 'bin'];

/** Writes the package of the tree at `root` into `folder`, which it empties first. */
export async function writePackage(root: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packages = await bundle(root, join(folder, 'dist'), 'package');
  for (const [place, from] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    cpSync(join(root, from), join(folder, place), { recursive: true });
  }
  chmodSync(join(folder, 'bin/doorward.js'), 0o755);
  writeFileSync(join(folder, 'NOTICES.txt'), noticesOf(packages));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packed(manifest), null, 2)}\n`);
}

/** The manifest of the package. The one native part is optional: Node has the same, only slower. */
function packed(manifest: Manifest): Record<string, unknown> {
  const native = '@node-rs/argon2';
  const kept = FIELDS.map((field) => [field, manifest[field]] as const);
  return {
    ...Object.fromEntries(kept),
    optionalDependencies: { [native]: manifest.dependencies[native] },
    publishConfig: { access: 'public', provenance: true },
  };
}

/**
 * Bundles the gateway and its packages: the program, and one file for each thread and process that it
 * starts. What is needed rarely stays in files of its own, which are loaded when they are needed.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';

/** Native, and therefore installed beside the bundle; without it, `passwords/argon2.ts` uses Node's own. */
const INSTALLED = ['@node-rs/argon2'];
/** What `pg` looks for and does without. */
const ABSENT = ['pg-native', 'pg-cloudflare'];

/** For an npm package, whose files are on disk, or for a single executable, which contains them. */
export type Kind = 'package' | 'executable';

/** Writes the bundle of the tree at `root` into `folder`. Returns the folders of packages that are in it. */
export async function bundle(root: string, folder: string, kind: Kind): Promise<readonly string[]> {
  const plugins = [places(join(root, 'src'))];
  if (kind === 'executable') plugins.unshift(contained(root));
  const build = await rolldown({
    input: { main: join(root, 'src/main.ts') },
    platform: 'node',
    external: [...INSTALLED, ...ABSENT],
    plugins,
    onLog(level, log, log_) {
      if (level === 'warn') throw new Error(`rolldown: ${log.message}`);
      log_(level, log);
    },
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    // Names stay, since errors and profiles show them.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await build.close();
  return packagesOf(output.filter((file) => file.type === 'chunk'));
}

/**
 * What a module says of its own place stays true in the bundle. Threads and processes become entries;
 * files are looked for as if the module were at its place below the bundle's folder.
 */
function places(src: string): Plugin {
  return {
    name: 'places',
    transform(code, id) {
      if (!id.startsWith(src + sep)) return null;
      const own = relative(src, id).replaceAll(sep, '/');
      return code
        .replace('const require = createRequire(import.meta.url);', '')
        .replace(/new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g, (_, name: string) => {
          const fileName = `${name}.js`;
          this.emitFile({ type: 'chunk', id: join(dirname(id), `${name}.ts`), fileName });
          return `new URL('./${fileName}', import.meta.url)`;
        })
        .replace(
          /new URL\((?!'\.\/[\w-]+\.js')([^()]+), import\.meta\.url\)/g,
          `new URL($1, new URL('./${own}', import.meta.url))`,
        )
        .replaceAll('import.meta.dirname', `(import.meta.dirname + '/${dirname(own)}')`);
    },
  };
}

/** Threads begin with `start.cjs`, and shipped files are read from the executable. */
function contained(root: string): Plugin {
  const replaced = join(root, 'src/shipped/shipped.ts');
  return {
    name: 'contained',
    async load(id) {
      if (id !== replaced) return null;
      return readFile(join(root, 'deploy/executable/shipped.ts'), 'utf8');
    },
    transform(code, id) {
      const start = /new Worker\(new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\), \{/;
      const name = start.exec(code)?.[1];
      if (name === undefined) return null;
      const fileName = `${name}.js`;
      this.emitFile({ type: 'chunk', id: join(dirname(id), `${name}.ts`), fileName });
      return `import { getAsset } from 'node:sea';\n${code.replace(
        start,
        `new Worker(getAsset('start.cjs', 'utf8'), { eval: true, argv: ['${fileName}'],`,
      )}`;
    },
  };
}

function packagesOf(chunks: readonly OutputChunk[]): readonly string[] {
  const folders = chunks
    .flatMap((chunk) => chunk.moduleIds)
    .map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0])
    .filter((folder) => folder !== undefined);
  return [...new Set(folders)].sort();
}

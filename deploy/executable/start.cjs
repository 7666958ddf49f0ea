// The first script of a single executable, of its threads and of its worker processes. The modules are in
// the executable, where Node does not look for them: hooks give them a place that no disk has.
const cluster = require('node:cluster');
const { mkdirSync, writeFileSync } = require('node:fs');
const { createRequire, registerHooks } = require('node:module');
const { join } = require('node:path');
const { getAsset } = require('node:sea');
const { pathToFileURL } = require('node:url');
const { isMainThread } = require('node:worker_threads');

/** The executable as if it were a folder: no file can be there, on any system. */
const PLACE = `${pathToFileURL(process.execPath).href}/dist/`;
const BEGIN = `${PLACE}begin.cjs`;

registerHooks({
  resolve(name, context, next) {
    const url = name.startsWith('.') ? new URL(name, context.parentURL).href : name;
    return url.startsWith(PLACE) ? { url, shortCircuit: true } : next(name, context);
  },
  load(url, context, next) {
    if (!url.startsWith(PLACE)) return next(url, context);
    if (url === BEGIN) {
      // `import` of this script finds only Node's own modules; that of a module finds all.
      return { format: 'commonjs', source: 'exports.begin = (url) => import(url);', shortCircuit: true };
    }
    const source = getAsset(`dist/${url.slice(PLACE.length)}`, 'utf8');
    return { format: 'module', source, shortCircuit: true };
  },
});

// Without a command, it runs the demo, with its data in the folder where it was called.
if (isMainThread && !cluster.isWorker && process.argv.length === 2) {
  const data = join(process.cwd(), 'doorward-data');
  const demo = join(data, 'demo.yaml');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(demo, getAsset('doorward.yaml', 'utf8'));
  process.argv.push('serve', '-c', demo, '--set', `data_dir=${data}`);
}

const entry = isMainThread ? (cluster.isWorker ? 'worker.js' : 'main.js') : process.argv.at(-1);
createRequire(process.execPath)(BEGIN).begin(`${PLACE}${entry}`);

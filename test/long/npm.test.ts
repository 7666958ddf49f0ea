/**
 * npm with scoped packages (PATH-npm), through a real verdaccio. npm sends no cookies, so a route
 * without a sign-in for this machine serves it; some packages stay closed to it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Door, onEachWay, openDoor, openFolder } from '../clients/door.ts';
import { freePort } from '../support/ports.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';

let files: string;
let app: Program;
let port: number;

beforeAll(async () => {
  files = openFolder();
  // Its dependency `node-fetch@cjs` is a tag that mirrors of the registry may lack.
  const wanted = { dependencies: { verdaccio: '6' }, overrides: { 'node-fetch': '2.7.0' } };
  writeFileSync(join(files, 'package.json'), JSON.stringify(wanted));
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
  execFileSync('npm', ['install', ...quiet], { cwd: files, stdio: 'inherit' });
  const config = join(files, 'config.yaml');
  writeFileSync(
    config,
    `storage: ./storage
auth: {}
packages: { '**': { access: $all, publish: $all } }
log: { type: stdout, level: warn }
`,
  );
  port = await freePort();
  const program = join(files, 'node_modules/verdaccio/bin/verdaccio');
  const args = [program, '--config', config, '--listen', `127.0.0.1:${port}`];
  app = await startProgram(process.execPath, args, { isReady: () => isListening(port) });
});
afterAll(async () => {
  await app?.stop();
  rmSync(files, { recursive: true, force: true });
});

onEachWay('npm', [], (mode) => {
  let door: Door;
  beforeAll(async () => {
    const near = 'public_if: [{ type: network, any: [127.0.0.0/8] }]';
    door = await openDoor(mode, [
      `{ id: npm, host: npm.gw.test, upstream: "http://127.0.0.1:${port}", ${near}, paths: [{ path: /@ours%2fsecret, policies: [{ type: group, any: [admins] }] }, { path: /@ours/secret/**, policies: [{ type: group, any: [admins] }] }] }`,
    ]);
    const host = `npm.gw.test:${door.world.port}`;
    // npm publishes only with a token; this registry accepts any.
    const settings = [`registry=http://${host}/`, `//${host}/:_authToken=any`, 'fetch-retries=0'];
    writeFileSync(join(door.dir, 'home/.npmrc'), settings.join('\n'));
  });
  afterAll(() => door?.close());

  /** Writes a package, with the mode in its version so that each way publishes one of its own. */
  const write = (name: string): string => {
    const folder = join(door.dir, name);
    const version = mode.front === null ? '1.0.0' : '2.0.0';
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }));
    writeFileSync(join(folder, 'index.js'), `module.exports = '${version}';\n`);
    return version;
  };
  const npm = (folder: string, ...args: string[]) =>
    door.run('npm', args, { cwd: join(door.dir, folder) });

  it('PATH-npm: publishes, shows and installs a package with a scope', async () => {
    const version = write('@ours/open');
    const published = await npm('@ours/open', 'publish');
    expect(published).toEqual({
      code: 0,
      output: expect.stringContaining(`@ours/open@${version}`),
    });
    const shown = await npm('.', 'view', '@ours/open', 'version');
    expect(shown).toEqual({ code: 0, output: `${version}\n` });
    mkdirSync(join(door.dir, 'user'));
    writeFileSync(join(door.dir, 'user/package.json'), '{"private":true}');
    expect((await npm('user', 'install', '@ours/open')).code).toBe(0);
    const installed = join(door.dir, 'user/node_modules/@ours/open/index.js');
    expect(readFileSync(installed, 'utf8')).toContain(version);
  });

  it('is refused for a restricted package', async () => {
    write('@ours/secret');
    for (const args of [['publish'], ['view', '@ours/secret']]) {
      const { code, output } = await npm('@ours/secret', ...args);
      expect(code).not.toBe(0);
      expect(output).toMatch(/E401/);
    }
  });
});

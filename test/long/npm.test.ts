/**
 * npm with scoped packages (PATH-npm), through a real verdaccio. npm sends no cookies, so a route
 * without a sign-in for this machine serves it, with some packages closed to it; another route accepts
 * its token, as `_authToken` and as `_auth`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Door, onEachWay, openDoor, openFolder } from '../clients/door.ts';
import { createTokens, expectNoToken, refusesDeadTokens, type Tokens } from '../clients/tokens.ts';
import { type Line, startLine } from '../support/line.ts';
import { freePort } from '../support/ports.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';

let files: string;
let app: Program;
let port: number;
let line: Line;

const SECRET =
  'paths: [{ path: /@ours%2fsecret, policies: [{ type: group, any: [admins] }] }, { path: /@ours/secret/**, policies: [{ type: group, any: [admins] }] }]';

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
  line = await startLine(port);
});
afterAll(async () => {
  await line?.close();
  await app?.stop();
  rmSync(files, { recursive: true, force: true });
});

onEachWay('npm', [], (mode) => {
  let door: Door;
  beforeAll(async () => {
    const near = 'public_if: [{ type: network, any: [127.0.0.0/8] }]';
    door = await openDoor(mode, [
      `{ id: npm, host: npm.gw.test, upstream: "http://127.0.0.1:${port}", ${near}, ${SECRET} }`,
      `{ id: tokens, host: tokens.gw.test, upstream: "http://127.0.0.1:${line.port}", accepts: [session, basic, bearer], ${SECRET} }`,
    ]);
    // npm publishes only with a token; this registry accepts any.
    configure('npm', '_authToken=any');
  });
  afterAll(() => door?.close());

  /** Makes this host npm's registry, with these credentials. */
  const configure = (name: string, credentials: string): void => {
    const host = `${name}.gw.test:${door.world.port}`;
    const settings = [`registry=http://${host}/`, `//${host}/:${credentials}`, 'fetch-retries=0'];
    writeFileSync(join(door.dir, 'home/.npmrc'), settings.join('\n'));
  };
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

  describe.each([
    ['_authToken', (token: string) => token],
    ['_auth', (token: string) => Buffer.from(`alice:${token}`).toString('base64')],
  ] as const)('with a token as %s', (setting, written) => {
    let tokens: Tokens;
    beforeAll(async () => void (tokens = await createTokens(door, `${door.url('tokens')}/x`)));
    const using = (token: string): void => configure('tokens', `${setting}=${written(token)}`);
    const name = `@ours/shown-as-${setting.toLowerCase()}`;

    it('publishes and installs a package with a scope', async () => {
      using(tokens.valid);
      const version = write(name);
      expect((await npm(name, 'publish')).code).toBe(0);
      const user = join(door.dir, `user-of-${setting}`);
      mkdirSync(user);
      writeFileSync(join(user, 'package.json'), '{"private":true}');
      expect((await npm(`user-of-${setting}`, 'install', name)).code).toBe(0);
      const installed = join(user, 'node_modules', name, 'index.js');
      expect(readFileSync(installed, 'utf8')).toContain(version);
      expectNoToken(line, tokens);
      write('@ours/secret');
      expect((await npm('@ours/secret', 'publish')).output).toMatch(/E403/);
    });

    refusesDeadTokens(
      () => ({ tokens, line }),
      /E401/,
      (token) => {
        using(token);
        return npm('.', 'view', name);
      },
    );
  });
});

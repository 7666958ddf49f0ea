/**
 * Container images: skopeo with a real registry. It sends no cookies, so a route without a sign-in for
 * this machine serves it, with some repositories closed to it; another route accepts its token.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import { freePort } from '../support/ports.ts';
import { needBinary } from '../support/packages.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { type Door, onEachWay, openDoor, openFolder } from './door.ts';
import { createTokens, expectNoToken, refusesDeadTokens, type Tokens } from './tokens.ts';

const SECRET = 'paths: [{ path: /v2/secret/**, policies: [{ type: group, any: [admins] }] }]';

/** Writes an image with one layer as an OCI layout. */
function writeImage(dir: string): void {
  mkdirSync(join(dir, 'blobs/sha256'), { recursive: true });
  const add = (mediaType: string, content: Buffer) => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(dir, 'blobs/sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  // The end of an archive that is empty otherwise, and large enough to be sent in several parts.
  const archive = Buffer.alloc(4 << 20);
  const layer = add('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(archive, { level: 0 }));
  const id = `sha256:${createHash('sha256').update(archive).digest('hex')}`;
  const rootfs = { type: 'layers', diff_ids: [id] };
  const config = add(
    'application/vnd.oci.image.config.v1+json',
    json({ architecture: 'amd64', os: 'linux', rootfs }),
  );
  const manifest = add(
    'application/vnd.oci.image.manifest.v1+json',
    json({ schemaVersion: 2, config, layers: [layer] }),
  );
  writeFileSync(join(dir, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(join(dir, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}

onEachWay('images', ['docker-registry', 'skopeo'], (mode) => {
  let files: string;
  let app: Program;
  let line: Line;
  let door: Door;
  beforeAll(async () => {
    files = openFolder();
    const port = await freePort();
    const config = join(files, 'config.yml');
    writeFileSync(
      config,
      `version: 0.1
storage: { filesystem: { rootdirectory: "${files}" } }
http: { addr: "127.0.0.1:${port}" }
`,
    );
    app = await startProgram(needBinary('docker-registry'), ['serve', config], {
      isReady: () => isListening(port),
    });
    line = await startLine(port);
    const near = 'public_if: [{ type: network, any: [127.0.0.0/8] }]';
    door = await openDoor(mode, [
      `{ id: images, host: images.gw.test, upstream: "http://127.0.0.1:${port}", ${near}, ${SECRET} }`,
      `{ id: tokens, host: tokens.gw.test, upstream: "http://127.0.0.1:${line.port}", accepts: [session, basic], ${SECRET} }`,
    ]);
    writeImage(join(door.dir, 'image'));
  });
  afterAll(async () => {
    await door?.close();
    await line?.close();
    await app?.stop();
    rmSync(files, { recursive: true, force: true });
  });

  const skopeo = (...args: string[]) => door.run('skopeo', ['--insecure-policy', ...args]);
  const remote = (name: string, host = 'images') =>
    `docker://${host}.gw.test:${door.world.port}/${name}`;

  it('pushes, inspects and pulls', async () => {
    const name = remote('team/sub.project/app_1:v1.0');
    const pushed = await skopeo('copy', '--dest-tls-verify=false', 'oci:image', name);
    expect(pushed).toEqual({ code: 0, output: expect.stringContaining('Storing signatures') });
    const shown = await skopeo('inspect', '--tls-verify=false', '--raw', name);
    expect(shown.output).toContain('vnd.oci.image.layer.v1.tar+gzip');
    const pulled = await skopeo('copy', '--src-tls-verify=false', name, 'oci:pulled');
    expect(pulled.code).toBe(0);
    const blobs = (dir: string) => readFileSync(join(door.dir, dir, 'index.json'), 'utf8');
    const [digest] = /sha256:[0-9a-f]+/.exec(blobs('image')) ?? [''];
    expect(blobs('pulled')).toContain(digest);
  });

  it('is refused for a restricted repository', async () => {
    const name = remote('secret/app:v1');
    const pushed = await skopeo('copy', '--dest-tls-verify=false', 'oci:image', name);
    expect(pushed.code).not.toBe(0);
    expect(pushed.output).toMatch(/401|unauthorized/i);
  });

  describe('with a token', () => {
    let tokens: Tokens;
    beforeAll(async () => void (tokens = await createTokens(door, `${door.url('tokens')}/v2/`)));

    const push = (token: string, name = 'team/token') => {
      const to = ['--dest-tls-verify=false', '--dest-creds', `alice:${token}`];
      return skopeo('copy', ...to, 'oci:image', remote(`${name}:v1`, 'tokens'));
    };

    it('pushes and pulls, after a challenge for Basic', async () => {
      const asked = await door.succeed('curl', ['-sI', `${door.url('tokens')}/v2/`]);
      expect(asked).toMatch(/^HTTP\/1\.1 401 /);
      expect(asked).toMatch(
        /^www-authenticate: basic realm="tokens\.gw\.test", charset="UTF-8"\r$/im,
      );
      expect((await push(tokens.valid)).code).toBe(0);
      const from = ['--src-tls-verify=false', '--src-creds', `alice:${tokens.valid}`];
      const pulled = await skopeo('copy', ...from, remote('team/token:v1', 'tokens'), 'oci:shown');
      expect(pulled.code).toBe(0);
      expectNoToken(line, tokens);
      const refused = await push(tokens.valid, 'secret/token');
      expect(refused.code).not.toBe(0);
      expect(refused.output).toMatch(/403|denied/i);
    });

    refusesDeadTokens(() => ({ tokens, line }), /401|unauthorized/i, push);
  });
});

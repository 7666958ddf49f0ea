/** rclone, with file names that look like attacks (PATH-percent), and an rclone as its server. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { needBinary } from '../support/packages.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { type Door, onEachWay, openDoor, openFolder } from './door.ts';

const NAMES = [
  '100%effective.pdf',
  '50%20off.txt',
  '%2F%2e%2e%2F.txt',
  'a;b.txt',
  'a+b & c=d.txt',
  'what?.txt',
  '#1.txt',
  '何？／⁇.txt',
  'Übergröße é.txt',
  'back\\slash.txt',
  "it's ~1 “quoted”.txt",
  '[x]{y}|z^`.txt',
  ' blanks  .txt',
  '..dots...',
  '👩‍👩‍👧.txt',
  'Admin',
];

onEachWay('rclone', ['rclone'], (mode) => {
  let files: string;
  let app: Program;
  let door: Door;
  beforeAll(async () => {
    files = openFolder();
    mkdirSync(join(files, 'admin'));
    const port = await freePort();
    const args = ['serve', 'webdav', files, '--addr', `127.0.0.1:${port}`];
    app = await startProgram(needBinary('rclone'), args, { isReady: () => isListening(port) });
    door = await openDoor(mode, [
      `{ id: dav, host: dav.gw.test, upstream: "http://127.0.0.1:${port}", paths: [{ path: /admin/**, policies: [{ type: group, any: [admins] }] }] }`,
    ]);
  });
  afterAll(async () => {
    await door?.close();
    await app?.stop();
    rmSync(files, { recursive: true, force: true });
  });

  /** Runs rclone with the session of a user, or without one. */
  const rclone = async (user: string | null, ...args: string[]) => {
    const header = user === null ? [] : ['--header', await door.cookieLine(user)];
    const once = ['--retries', '1', '--low-level-retries', '1'];
    const usual = ['--config', '/dev/null', '--webdav-url', door.url('dav'), ...once];
    return door.run('rclone', [...args, ...usual, ...header]);
  };

  it('PATH-percent: sends, moves and fetches odd names', async () => {
    const local = join(door.dir, 'local');
    mkdirSync(local);
    for (const name of NAMES) writeFileSync(join(local, name), name);
    writeFileSync(join(local, 'large'), Buffer.alloc(5 << 20, 1));
    expect(await rclone('alice', 'copy', local, ':webdav:docs')).toEqual({ code: 0, output: '' });
    expect(readdirSync(join(files, 'docs')).sort()).toEqual([...NAMES, 'large'].sort());
    expect(await rclone('alice', 'moveto', ':webdav:docs', ':webdav:moved')).toEqual({
      code: 0,
      output: '',
    });
    const fetched = join(door.dir, 'fetched');
    expect(await rclone('alice', 'copy', ':webdav:moved', fetched)).toEqual({
      code: 0,
      output: '',
    });
    for (const name of NAMES) expect(readFileSync(join(fetched, name), 'utf8')).toBe(name);
  });

  it('is refused without a session, and on a restricted path', async () => {
    const anonymous = await rclone(null, 'lsf', ':webdav:');
    expect(anonymous.code).not.toBe(0);
    expect(anonymous.output).toContain('401 Unauthorized');
    const alice = await rclone('alice', 'lsf', ':webdav:admin');
    expect(alice.code).not.toBe(0);
    expect(alice.output).toContain('403 Forbidden');
    expect(await rclone('bob', 'lsf', ':webdav:admin')).toEqual({ code: 0, output: '' });
  });
});

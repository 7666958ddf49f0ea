/**
 * A CalDAV client: vdirsyncer with Radicale. It sends no cookies, so a route without a sign-in for this
 * machine serves it, with another user's calendars closed to it; another route accepts its token, and
 * Radicale knows the user from Doorward.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Line, startLine } from '../support/line.ts';
import { freePort } from '../support/ports.ts';
import { needBinary } from '../support/packages.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { type Door, onEachWay, openDoor, openFolder } from './door.ts';
import { createTokens, expectNoToken, refusesDeadTokens, type Tokens } from './tokens.ts';

const EVENT = (uid: string, title: string) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//test//EN',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    'DTSTAMP:20261128T120000Z',
    'DTSTART:20261201T120000Z',
    'DTEND:20261201T130000Z',
    `SUMMARY:${title}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');

/** Starts Radicale, which learns of users in this way. */
const startRadicale = (port: number, files: string, auth: string): Promise<Program> =>
  startProgram(
    needBinary('radicale'),
    [
      ['--config', '', '--server-hosts', `127.0.0.1:${port}`, '--auth-type', auth],
      ['--rights-type', 'owner_only', '--storage-filesystem-folder', files],
    ].flat(),
    { isReady: () => isListening(port) },
  );

onEachWay('CalDAV', ['radicale', 'vdirsyncer'], (mode) => {
  let files: string;
  let apps: readonly Program[] = [];
  let line: Line;
  let door: Door;
  beforeAll(async () => {
    files = openFolder();
    const [open, named] = [await freePort(), await freePort()];
    apps = await Promise.all([
      startRadicale(open, join(files, 'open'), 'none'),
      startRadicale(named, join(files, 'named'), 'http_x_remote_user'),
    ]);
    line = await startLine(named);
    const identity = 'identity: { headers: { X-Remote-User: user.name } }';
    door = await openDoor(mode, [
      `{ id: cal, host: cal.gw.test, upstream: "http://127.0.0.1:${open}", public_if: [{ type: network, any: [127.0.0.0/8] }], paths: [{ path: /bob/**, public_if: [] }] }`,
      `{ id: tokens, host: tokens.gw.test, upstream: "http://127.0.0.1:${line.port}", accepts: [session, basic], ${identity} }`,
    ]);
  });
  afterAll(async () => {
    await door?.close();
    await line?.close();
    for (const app of apps) await app.stop();
    rmSync(files, { recursive: true, force: true });
  });

  /** Synchronizes a folder with the calendar of a user. */
  const synchronize = async (
    folder: string,
    owner: string,
    { host = 'cal', password = 'any' } = {},
  ) => {
    const config = join(door.dir, `${folder}.conf`);
    writeFileSync(
      config,
      `[general]
status_path = "${join(door.dir, `${folder}.status`)}"
[pair both]
a = "here"
b = "there"
collections = null
[storage here]
type = "filesystem"
path = "${join(door.dir, folder)}"
fileext = ".ics"
[storage there]
type = "caldav"
url = "${door.url(host)}/${owner}/work%20%26%20home/"
username = "${owner}"
password = "${password}"
`,
    );
    mkdirSync(join(door.dir, folder), { recursive: true });
    const run = (command: string) => door.run('vdirsyncer', ['-c', config, command]);
    const found = await run('discover');
    return found.code === 0 ? run('sync') : found;
  };

  it('synchronizes events in both directions', async () => {
    const make = ['-sf', '-u', 'ann:any', '-X', 'MKCALENDAR'];
    await door.succeed('curl', [...make, `${door.url('cal')}/ann/work%20%26%20home/`]);
    mkdirSync(join(door.dir, 'first'));
    writeFileSync(join(door.dir, 'first/one.ics'), EVENT('one@example.test', 'Grüße'));
    expect((await synchronize('first', 'ann')).output).toMatch(/Copying.*one@example\.test/);
    expect((await synchronize('second', 'ann')).output).toMatch(/Copying.*one@example\.test/);
    const [name = ''] = readdirSync(join(door.dir, 'second'));
    const event = readFileSync(join(door.dir, 'second', name), 'utf8');
    expect(event).toContain('SUMMARY:Grüße');
  });

  it('is refused without a session where one is needed', async () => {
    const { code, output } = await synchronize('third', 'bob');
    expect(code).not.toBe(0);
    expect(output).toContain('401');
  });

  describe('with a token', () => {
    const host = 'tokens';
    let tokens: Tokens;
    beforeAll(async () => void (tokens = await createTokens(door, `${door.url(host)}/`)));

    it('synchronizes events in both directions', async () => {
      const password = tokens.valid;
      const make = ['-sf', '-u', `alice:${password}`, '-X', 'MKCALENDAR'];
      await door.succeed('curl', [...make, `${door.url(host)}/alice/work%20%26%20home/`]);
      mkdirSync(join(door.dir, 'own'));
      writeFileSync(join(door.dir, 'own/two.ics'), EVENT('two@example.test', 'Café'));
      for (const folder of ['own', 'other']) {
        const { output } = await synchronize(folder, 'alice', { host, password });
        expect(output).toMatch(/Copying.*two@example\.test/);
      }
      expect(readdirSync(join(door.dir, 'other'))).toHaveLength(1);
      expectNoToken(line, tokens);
    });

    it('is refused under another user’s name', async () => {
      const password = tokens.valid;
      const { code, output } = await synchronize('bobs', 'bob', { host, password });
      expect(code).not.toBe(0);
      expect(output).toContain('401');
    });

    refusesDeadTokens(
      () => ({ tokens, line }),
      /401/,
      (password) => synchronize('refused', 'alice', { host, password }),
    );
  });
});

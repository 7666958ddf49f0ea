/**
 * A CalDAV client: vdirsyncer with Radicale. It sends no cookies, so a route without a sign-in for this
 * machine serves it; another user's calendars stay closed to it.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { needBinary } from '../support/packages.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { type Door, onEachWay, openDoor, openFolder } from './door.ts';

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

onEachWay('CalDAV', ['radicale', 'vdirsyncer'], (mode) => {
  let files: string;
  let app: Program;
  let door: Door;
  beforeAll(async () => {
    files = openFolder();
    const port = await freePort();
    app = await startProgram(
      needBinary('radicale'),
      [
        ['--config', '', '--server-hosts', `127.0.0.1:${port}`, '--auth-type', 'none'],
        ['--rights-type', 'authenticated', '--storage-filesystem-folder', files],
      ].flat(),
      { isReady: () => isListening(port) },
    );
    door = await openDoor(mode, [
      `{ id: cal, host: cal.gw.test, upstream: "http://127.0.0.1:${port}", public_if: [{ type: network, any: [127.0.0.0/8] }], paths: [{ path: /bob/**, public_if: [] }] }`,
    ]);
  });
  afterAll(async () => {
    await door?.close();
    await app?.stop();
    rmSync(files, { recursive: true, force: true });
  });

  /** Synchronizes a folder with the calendar of a user. */
  const synchronize = async (folder: string, owner: string) => {
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
url = "${door.url('cal')}/${owner}/work%20%26%20home/"
username = "${owner}"
password = "any"
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
});

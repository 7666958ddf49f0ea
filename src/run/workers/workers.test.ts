import { describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import { plainSettings, settingsOf } from '../../config/settings/settings.ts';
import { lists } from '../backing/adapters.ts';
import { pauseBefore } from './workers.ts';

describe('a worker that died', () => {
  it('is replaced at once if it had run for a while', () => {
    expect(pauseBefore(30_000, 10_000)).toBe(0);
  });

  it('is replaced with increasing delays if it dies at its start', () => {
    const pauses: number[] = [];
    for (let last = 0; pauses.length < 10; pauses.push(last)) last = pauseBefore(last, 100);
    expect(pauses.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
    expect(pauses.at(-1)).toBe(30_000);
  });
});

describe('settings that are sent to a worker', () => {
  it.each([
    ['embedded', 'embedded'],
    ['a Redis', 'rediss://user:p%40ss@redis:6380/2'],
    ['sentinels', '{ sentinel: { hosts: ["a:26379", "b:26379"], name: main }, password: x }'],
    ['a cluster', '{ cluster: ["a:6379", "b:6379"], tls: { ca: ca.pem } }'],
  ])('arrive unchanged: %s', async (_, state) => {
    const { settings } = linkedOf(
      await loadText(`public_url: https://auth.example.com
listen: [127.0.0.1:4747, "unix:/run/d.sock"]
state: ${state}
workers: auto
session: { secrets: [Zk3v9TqLx0bN8rYw2HdUeC5sJmPg7AoVfI4XtKlQ] }
directories: [{ type: embedded }, { type: file, path: users.yaml }]
`),
    );
    expect(settingsOf(structuredClone(plainSettings(settings)), lists)).toEqual(settings);
  });
});

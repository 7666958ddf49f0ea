/**
 * How much of a reload is done at once. Counted in units of work between two pauses, not in time.
 */
import { describe, expect, it } from 'vitest';
import { folderOf, linkedOf, loadFolder, loadText } from '../../test/support/configuration.ts';
import { finish, finishInSlices, SLICE, type Steps } from '../core/values/steps.ts';
import { frozenSteps } from './settings/freeze.ts';
import { watchConfiguration } from './reload.ts';

const MAIN = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';

/** A main file with this many routes, each with two policies and its own path. */
function fileOf(routes: number, last = ''): string {
  const lines = Array.from(
    { length: routes },
    (_, i) => `  - id: app-${i}
    host: app-${i}.example.com
    upstream: http://127.0.0.1:9001
    policies: [{ type: group, any: [staff] }]
    paths: [{ path: /admin/**, policies: [{ type: group, any: [admins] }] }]
`,
  );
  return `${MAIN}routes:\n${lines.join('')}${last}`;
}

/** Loads a file with this many routes; returns how often it paused. */
async function pausesOf(routes: number): Promise<number> {
  let pauses = 0;
  const pause = () => {
    pauses += 1;
    return Promise.resolve();
  };
  const loaded = linkedOf(await loadText(fileOf(routes), { pause, background: true }));
  expect(loaded.snapshot.table.routes).toHaveLength(routes);
  return pauses;
}

describe('a reload', () => {
  it('RELOAD-gap: pauses more often the more routes there are, so that no slice grows with them', async () => {
    const [few, many, more] = [await pausesOf(200), await pausesOf(400), await pausesOf(800)];
    // A route is received from the parser, checked, linked, checked for reach and entered into the
    // table: five units of work.
    expect(many - few).toBeGreaterThanOrEqual((5 * 200) / SLICE);
    expect(more - many).toBeGreaterThanOrEqual((5 * 400) / SLICE);
  });

  it('RELOAD-gap: freezes few objects per step', () => {
    const routes = Array.from({ length: 1000 }, (_, i) => ({ id: i, rules: [{ at: [i] }] }));
    let before = 0;
    const steps: Steps<unknown> = frozenSteps(routes);
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      const done = routes.filter((route) => Object.isFrozen(route)).length;
      expect(done - before).toBeLessThanOrEqual(32);
      before = done;
    }
    expect(Object.isFrozen(routes) && Object.isFrozen(routes[999]?.rules[0]?.at)).toBe(true);
  });

  it('RELOAD-gap: keeps the old configuration active in every pause, and replaces it in one step', async () => {
    using folder = folderOf({ 'doorward.yaml': fileOf(1) });
    const first = linkedOf(await loadFolder(folder.path));
    const seen = new Set<number>();
    let pauses = 0;
    const pause = () => {
      pauses += 1;
      seen.add(watched.live.current.table.routes.length);
      return Promise.resolve();
    };
    const watched = watchConfiguration({
      first: { ok: true, ...first, seen: [] },
      load: () => loadFolder(folder.path, { pause, background: true }),
      onReload: () => undefined,
      watches: false,
    });
    folder.write('doorward.yaml', fileOf(500));
    await watched.reload();
    expect(pauses).toBeGreaterThan(100);
    expect([...seen]).toEqual([1]);
    expect(watched.live.current.table.routes).toHaveLength(500);
    folder.write('doorward.yaml', fileOf(200, '  - { id: app-0, host: twice.example.com }\n'));
    expect(await watched.reload()).toMatchObject({ ok: false });
    expect(watched.live.current.table.routes).toHaveLength(500);
  });

  it('combines requests that arrive while one waits into a single load', async () => {
    using folder = folderOf({ 'doorward.yaml': fileOf(1) });
    const first = linkedOf(await loadFolder(folder.path));
    let loads = 0;
    const watched = watchConfiguration({
      first: { ok: true, ...first, seen: [] },
      load() {
        loads += 1;
        return loadFolder(folder.path);
      },
      onReload: () => undefined,
      watches: false,
    });
    const early = watched.reload();
    await Promise.resolve();
    folder.write('doorward.yaml', fileOf(2));
    await Promise.all([early, ...[1, 2, 3, 4].map(() => watched.reload())]);
    expect(loads).toBe(2);
    expect(watched.live.current.table.routes).toHaveLength(2);
  });
});

/** Work of this many units. */
function* work(units: number): Steps<string> {
  for (let i = 0; i < units; i += 1) yield;
  return 'done';
}

describe('work in slices', () => {
  it.each([
    [0, 0],
    [SLICE - 1, 0],
    [SLICE, 1],
    [10 * SLICE + 1, 10],
  ])('of %i units pauses %i times', async (units, expected) => {
    let pauses = 0;
    const pause = () => Promise.resolve((pauses += 1));
    expect(await finishInSlices(work(units), pause)).toBe('done');
    expect(pauses).toBe(expected);
    expect(finish(work(units))).toBe('done');
  });
});

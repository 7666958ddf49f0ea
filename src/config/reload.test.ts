import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, linkedOf, loadFolder } from '../../test/support/configuration.ts';
import type { Loaded } from './load.ts';
import { type Later, type Reload, type ReloadOutcome, watchConfiguration } from './reload.ts';

const MAIN = 'public_url: https://auth.example.com\nbrand: { name: "${file:name}" }\n';

/** Timers that fire on request. */
function manualTimers(): { later: Later; fire: (milliseconds: number) => void } {
  const waiting = new Set<{ milliseconds: number; task: () => void }>();
  return {
    later: (milliseconds, task) => {
      const entry = { milliseconds, task };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    fire(milliseconds) {
      for (const entry of [...waiting].filter((e) => e.milliseconds === milliseconds)) {
        waiting.delete(entry);
        entry.task();
      }
    },
  };
}

interface Watched extends Disposable {
  readonly reload: Reload;
  readonly outcomes: ReloadOutcome[];
  /** The next outcome. */
  readonly next: () => Promise<ReloadOutcome>;
  readonly name: () => string;
  readonly fire: (milliseconds: number) => void;
}

async function watchFolder(path: string, load = () => loadFolder(path)): Promise<Watched> {
  const first = await loadFolder(path);
  linkedOf(first);
  const outcomes: ReloadOutcome[] = [];
  let resolveNext: ((outcome: ReloadOutcome) => void) | null = null;
  const { later, fire } = manualTimers();
  const reload = watchConfiguration({
    first: first as Extract<Loaded, { ok: true }>,
    load,
    later,
    pollEvery: 5000,
    settle: 100,
    onReload(outcome) {
      outcomes.push(outcome);
      resolveNext?.(outcome);
    },
  });
  return {
    reload,
    outcomes,
    next: () => new Promise((resolve) => (resolveNext = resolve)),
    name: () => reload.live.current.brand.name,
    fire,
    [Symbol.dispose]: () => reload.close(),
  };
}

describe('a reload', () => {
  it('applies a changed file, and added files', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    folder.write('name', 'two');
    expect(await watched.reload.check()).toMatchObject({ ok: true, needsRestart: [] });
    expect(watched.name()).toBe('two');
    folder.write('doorward.yaml', MAIN.replace('${file:name}', 'three'));
    await watched.reload.check();
    expect(watched.name()).toBe('three');
  });

  it('does nothing if nothing changed, even if files were written again', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    folder.write('doorward.yaml', MAIN);
    expect(await watched.reload.check()).toBeNull();
    expect(watched.outcomes).toEqual([]);
  });

  it('loads on request, changed or not', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    const before = watched.reload.live.current;
    expect(await watched.reload.reload()).toMatchObject({ ok: true });
    expect(watched.reload.live.current).not.toBe(before);
  });

  it('keeps the old snapshot while the new file is faulty, and reports this once', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    const before = watched.reload.live.current;
    folder.write('doorward.yaml', 'public_url: [');
    expect(await watched.reload.check()).toMatchObject({ ok: false });
    expect(await watched.reload.check()).toBeNull();
    expect(watched.reload.live.current).toBe(before);
    folder.write('doorward.yaml', `${MAIN}workers: none\n`);
    const outcome = await watched.reload.check();
    expect(outcome?.ok === false && outcome.faults[0]).toMatchObject({ path: 'workers', line: 3 });
    folder.write('doorward.yaml', MAIN);
    folder.write('name', 'better');
    expect(await watched.reload.check()).toMatchObject({ ok: true });
    expect(watched.name()).toBe('better');
  });

  it('says once what is wrong when another file changed as well', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    folder.write('doorward.yaml', 'public_url: [');
    folder.write('name', 'two');
    expect(await watched.reload.check()).toMatchObject({ ok: false });
    expect(await watched.reload.check()).toBeNull();
    folder.write('name', 'three');
    expect(await watched.reload.check()).toMatchObject({ ok: false });
    folder.write('doorward.yaml', MAIN);
    expect(await watched.reload.check()).toMatchObject({ ok: true });
    expect(watched.name()).toBe('three');
  });

  it('notices a file that came back after it was missing', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    renameSync(join(folder.path, 'name'), join(folder.path, 'away'));
    expect(await watched.reload.check()).toMatchObject({ ok: false });
    renameSync(join(folder.path, 'away'), join(folder.path, 'name'));
    expect(await watched.reload.check()).toMatchObject({ ok: true });
  });

  it('follows a directory symlink that is swapped, as a ConfigMap does', async () => {
    using folder = folderOf({
      '..1/doorward.yaml': MAIN,
      '..1/name': 'one',
      '..2/doorward.yaml': MAIN,
      '..2/name': 'two',
    });
    const link = (target: string, at: string): void => symlinkSync(target, join(folder.path, at));
    link('..1', '..data');
    link('..data/doorward.yaml', 'doorward.yaml');
    link('..data/name', 'name');
    using watched = await watchFolder(folder.path);
    expect(watched.name()).toBe('one');
    link('..2', '..tmp');
    renameSync(join(folder.path, '..tmp'), join(folder.path, '..data'));
    expect(await watched.reload.check()).toMatchObject({ ok: true });
    expect(watched.name()).toBe('two');
  });

  it('notices a flow that is added', async () => {
    const flow = 'title: T\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
    using folder = folderOf({
      'doorward.yaml': `${MAIN}flows: ./flows\nflows_only: true\n`,
      name: 'one',
      'flows/logout.yaml': flow,
    });
    using watched = await watchFolder(folder.path);
    folder.write('flows/bye.yaml', flow);
    await watched.reload.check();
    expect([...watched.reload.live.current.flows.keys()]).toEqual(['bye', 'logout']);
  });

  it('names settings that need a restart', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    folder.write(
      'doorward.yaml',
      `${MAIN}listen: 127.0.0.1:1\nworkers: 2\nsession: { idle: 5m }\n`,
    );
    expect(await watched.reload.check()).toMatchObject({
      ok: true,
      needsRestart: ['listen', 'workers'],
    });
    expect(watched.reload.live.current.session.idle).toBe(300_000);
  });

  it('is triggered by polling', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    folder.write('name', 'two');
    const told = watched.next();
    watched.fire(5000);
    watched.fire(100);
    expect(await told).toMatchObject({ ok: true });
  });

  it('survives a loader that fails', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path, () => Promise.reject(new Error('broken')));
    const outcome = await watched.reload.reload();
    expect(outcome.ok ? '' : outcome.faults[0]?.message).toContain('broken');
    expect(watched.name()).toBe('one');
  });

  it('stops when it is closed', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    using watched = await watchFolder(folder.path);
    watched.reload.close();
    mkdirSync(join(folder.path, 'x'));
    folder.write('name', 'two');
    expect(await watched.reload.check()).toBeNull();
    expect(watched.name()).toBe('one');
  });
});

const SPLIT = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';
const routeOf = (id: string): string => `- { id: ${id}, host: ${id}.example.com }\n`;

/** A watched folder with routes in two files; `during` runs while each load reads them, told which load it is. */
async function watchSplit(path: string, during: (load: number) => void): Promise<Watched> {
  let loads = 0;
  return watchFolder(path, async () => {
    loads += 1;
    const loaded = await loadFolder(path);
    // As late as can be: all files were read, and the load has not ended.
    during(loads);
    return loaded;
  });
}

const idsOf = ({ reload }: Watched): readonly string[] =>
  reload.live.current.table.routes.map(({ id }) => id);

describe('files that change while they are read', () => {
  const files = {
    'doorward.yaml': `${SPLIT}routes_dir: routes.d\n`,
    'routes.d/a.yaml': routeOf('a'),
    'routes.d/b.yaml': routeOf('b'),
  };
  it('are read again, so that a route moved from one to the other is never missing', async () => {
    using folder = folderOf(files);
    using watched = await watchSplit(folder.path, (load) => {
      if (load === 1) folder.write('routes.d/a.yaml', routeOf('a') + routeOf('c'));
    });
    folder.write('routes.d/b.yaml', routeOf('d'));
    expect(await watched.reload.check()).toMatchObject({ ok: true });
    expect(watched.outcomes).toHaveLength(1);
    expect(idsOf(watched)).toEqual(['a', 'c', 'd']);
  });

  it('leave the old configuration in force while they keep changing, and are tried again', async () => {
    using folder = folderOf(files);
    let isOver = false;
    using watched = await watchSplit(folder.path, (load) => {
      if (!isOver) folder.write('routes.d/b.yaml', routeOf(`b${load}`));
    });
    folder.write('routes.d/a.yaml', routeOf('c'));
    const outcome = await watched.reload.check();
    expect(outcome?.ok === false && outcome.faults[0]?.message).toContain('kept changing');
    expect(idsOf(watched)).toEqual(['a', 'b']);
    isOver = true;
    expect(await watched.reload.check()).toMatchObject({ ok: true });
    expect(idsOf(watched)).toEqual(['c', 'b3']);
  });

  it('are not read while a writer is at work, whether it was noticed or polled', async () => {
    using folder = folderOf(files);
    using watched = await watchSplit(folder.path, () => undefined);
    folder.write('routes.d/b.yaml', '- { id: b,');
    watched.fire(5000);
    folder.write('routes.d/b.yaml', routeOf('d'));
    const told = watched.next();
    watched.fire(100);
    expect(await told).toMatchObject({ ok: true });
    expect(watched.outcomes).toHaveLength(1);
    expect(idsOf(watched)).toEqual(['a', 'd']);
  });
});

describe('a change on disk', () => {
  it('is noticed without a request', async () => {
    using folder = folderOf({ 'doorward.yaml': MAIN, name: 'one' });
    const first = await loadFolder(folder.path);
    const told = Promise.withResolvers<ReloadOutcome>();
    const reload = watchConfiguration({
      first: first as Extract<Loaded, { ok: true }>,
      load: () => loadFolder(folder.path),
      onReload: told.resolve,
      settle: 1,
    });
    folder.write('name', 'two');
    expect(await told.promise).toMatchObject({ ok: true });
    expect(reload.live.current.brand.name).toBe('two');
    reload.close();
  });
});

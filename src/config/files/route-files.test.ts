import { describe, expect, it } from 'vitest';
import {
  faultsOf,
  folderOf,
  linkedOf,
  loadFolder,
  loadText,
} from '../../../test/support/configuration.ts';
import { watchConfiguration } from '../reload.ts';

const MAIN = `public_url: https://auth.example.com
session: { cookie_domains: [example.com] }
routes_dir: routes.d
`;
const OWN = `${MAIN}routes: [{ id: main, host: main.example.com }]\n`;

const idsOf = (loaded: Parameters<typeof linkedOf>[0]): readonly string[] =>
  linkedOf(loaded).snapshot.table.routes.map(({ id }) => id);

describe('routes_dir', () => {
  it('adds the routes of its files, sorted by name, to those of the main file', async () => {
    const files = {
      'routes.d/b.yaml': '- { id: b, host: b.example.com }\n',
      'routes.d/a.yml': '- { id: a1, host: a1.example.com }\n- { id: a2, host: a2.example.com }\n',
      'routes.d/.hidden.yaml': 'not: [a, list',
      'routes.d/notes.txt': 'no YAML: [',
    };
    expect(idsOf(await loadText(OWN, { files }))).toEqual(['main', 'a1', 'a2', 'b']);
    expect(idsOf(await loadText(MAIN, { files }))).toEqual(['a1', 'a2', 'b']);
  });

  it('is relative to the directory of the main file, and may come from the environment', async () => {
    const files = { 'more/a.yaml': '- { id: a, host: a.example.com }\n' };
    const env = { DOORWARD_ROUTES_DIR: 'more' };
    expect(idsOf(await loadText(OWN, { files, env }))).toEqual(['main', 'a']);
  });

  it('fills references in its files', async () => {
    const files = {
      'routes.d/a.yaml':
        '- { id: a, host: "${env:HOST}", upstream: http://a, timeout: "${env:TIME}" }\n',
    };
    const env = { HOST: 'a.example.com', TIME: '5s' };
    const [, route] = linkedOf(await loadText(OWN, { files, env })).snapshot.table.routes;
    expect(route).toMatchObject({
      hosts: [{ name: 'a.example.com' }],
      upstream: { timeout: 5000 },
    });
  });

  it('names the file and the line of a fault, and the line of a rule', async () => {
    const files = {
      'routes.d/a.yaml': '- id: a\n  host: a.example.com\n  paths: [{ path: /x }]\n',
      'routes.d/b.yaml':
        '- id: b\n  host: "${env:MISSING}"\n  colour: red\n- { id: main, host: c.example.com }\n',
    };
    const { 'routes.d/a.yaml': good } = files;
    const rules = linkedOf(await loadText(OWN, { files: { 'routes.d/a.yaml': good } })).snapshot
      .table.routes[1]?.rules;
    expect(rules?.map(({ at, line }) => [at, line])).toEqual([
      ['routes[1].paths[0]', 'routes.d/a.yaml:3:11'],
      ['routes[1]', 'routes.d/a.yaml:1:3'],
    ]);
    const faults = faultsOf(await loadText(OWN, { files }));
    const told = faults.map(({ file, line, path }) => `${file}:${line} ${path}`);
    expect(told).toEqual([
      'routes.d/b.yaml:2 routes[2].host',
      'routes.d/b.yaml:2 routes[2].host',
      'routes.d/b.yaml:3 routes[2].colour',
      'routes.d/b.yaml:4 routes[3].id',
    ]);
  });

  it.each([
    ['is missing', {}, 'the directory cannot be read: the file does not exist'],
    ['has no YAML file', { 'routes.d/x.txt': '' }, 'the directory has no .yaml file'],
    [
      'has a YAML file with a capital extension, which would be missing otherwise',
      { 'routes.d/a.yaml': '- { id: a, host: a.example.com }\n', 'routes.d/b.YAML': '- {' },
      'rename b.YAML: the extension must be lower case',
    ],
    [
      'has a file without a list',
      { 'routes.d/a.yaml': 'routes: []\n' },
      'expected a list of routes',
    ],
    ['has a file that is no YAML', { 'routes.d/a.yaml': '- {' }, 'not valid YAML'],
    [
      'has an id twice',
      { 'routes.d/a.yaml': '- { id: main, host: a.example.com }\n' },
      'routes[0]',
    ],
  ])('is refused when it %s', async (_, files, message) => {
    const [fault] = faultsOf(await loadText(OWN, { files }));
    expect(fault?.message).toContain(message);
  });

  it('is watched: a changed file and an added file take effect', async () => {
    using folder = folderOf({
      'doorward.yaml': OWN,
      'routes.d/a.yaml': '- { id: a, host: a.example.com }\n',
    });
    const loaded = await loadFolder(folder.path);
    const first = { ok: true as const, ...linkedOf(loaded), seen: loaded.seen };
    const load = () => loadFolder(folder.path);
    const watched = watchConfiguration({ first, load, onReload: () => undefined, watches: false });
    expect(await watched.check()).toBeNull();
    folder.write('routes.d/a.yaml', '- { id: b, host: b.example.com }\n');
    expect(await watched.check()).toMatchObject({ ok: true });
    folder.write('routes.d/c.yaml', '- { id: c, host: c.example.com }\n');
    expect(await watched.check()).toMatchObject({ ok: true });
    expect(watched.live.current.table.routes.map(({ id }) => id)).toEqual(['main', 'b', 'c']);
  });
});

import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';

const MAIN = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';
const ROUTE = (policy: string): string =>
  `routes: [{ id: wiki, host: wiki.example.com, policies: [${policy}] }]\n`;
const GEO = 'signals: { geo: { paths: [data/cities.mmdb, /srv/networks.mmdb] } }\n';

async function faultsIn(text: string, files: Record<string, string> = {}) {
  const faults = faultsOf(await loadText(MAIN + text, { files }));
  return faults.map(({ path, message }) => `${path}: ${message}`);
}

describe('signals', () => {
  it('have their files beside the configuration, or where it says', async () => {
    const { settings } = linkedOf(await loadText(MAIN + GEO));
    const geo = settings.signals.find(({ kind }) => kind.name === 'geo');
    expect(geo?.options).toEqual({
      paths: [expect.stringMatching(/^\/.+\/data\/cities\.mmdb$/), '/srv/networks.mmdb'],
    });
  });

  it.each([
    ['signals: { geos: {} }', 'signals.geos: no such signal, expected one of geo,'],
    ['signals: { geo: {} }', 'signals.geo.paths: missing'],
    ['signals: { geo: { path: a } }', 'signals.geo.path: unknown key'],
    ['signals: { geo: { paths: [] } }', 'signals.geo.paths: '],
    ['signals: { geo: { paths: [5] } }', 'signals.geo.paths[0]: '],
    ['signals: { travel: { paths: [a] } }', 'signals.travel.paths: unknown key'],
  ])('%s is a fault', async (text, words) => {
    expect(await faultsIn(`${text}\n`)).toEqual(
      expect.arrayContaining([expect.stringContaining(words)]),
    );
  });

  it.each(['{ type: geo, any: { countries: [DE] } }', '{ type: travel }'])(
    'do not exist until they are configured, which rules that need them report: %s',
    async (policy) => {
      const type = /type: (\w+)/.exec(policy)?.[1] ?? '';
      expect(await faultsIn(ROUTE(policy))).toEqual([
        `routes[0].policies[0].type: ${type} needs signals.geo: expected a list of .mmdb files: signals: { geo: { paths: [places.mmdb] } }`,
      ]);
      expect(linkedOf(await loadText(MAIN + GEO + ROUTE(policy))).settings.signals).toBeDefined();
    },
  );

  it('with locations allow sessions to be bound to a country', async () => {
    const login = `title: Sign in
designation: authentication
stages: [{ type: identification }, { type: password }, { type: user_login, bind: geo }]
`;
    const logout = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
    const files = { 'flows/login.yaml': login, 'flows/logout.yaml': logout };
    expect(await faultsIn('flows: ./flows\n', files)).toEqual([
      'stages[2].bind: bind: geo needs signals.geo in the main file',
    ]);
    const loaded = await loadText(`${MAIN}flows: ./flows\n${GEO}`, { files });
    expect(linkedOf(loaded).snapshot.flows.has('login')).toBe(true);
  });
});

/**
 * One fault never hides another: valid parts are checked although something beside them is faulty.
 */
import { describe, expect, it } from 'vitest';
import { faultsOf, loadText } from '../../../test/support/configuration.ts';

const pathsOf = async (text: string): Promise<string[]> =>
  faultsOf(await loadText(text)).map((fault) => fault.path);

const URL_LINE = 'public_url: https://auth.example.com\n';

describe('faults beside other faults', () => {
  it.each<[string, string, string[]]>([
    [
      'within one group',
      'session:\n  idle: 1 hour\n  secrets: [short]\n  lifetme: 1h\n',
      ['session.idle', 'session.secrets[0]', 'session.lifetme'],
    ],
    [
      'across groups',
      'brand: { accent: red }\nidentity: { headers: { Host: user.name }, jwt: 5 }\n',
      ['brand.accent', 'identity.headers.Host', 'identity.jwt'],
    ],
    [
      'across routes',
      'routes:\n  - { id: a, host: a.example.com, timeout: soon }\n  - { id: b, host: 1.2.3.4:x }\n',
      ['routes[0].timeout', 'routes[1].host'],
    ],
  ])('are reported as well: %s', async (_, text, paths) => {
    const told = await pathsOf(URL_LINE + text);
    expect(told).toEqual(expect.arrayContaining(paths));
    expect(new Set(told).size).toBe(told.length);
  });

  it('are not invented if something had to be left out', async () => {
    const text = `${URL_LINE}state: redis://redis\nsession: { secrets: 5, cookie_domains: [example.com] }\n`;
    expect(await pathsOf(text)).toEqual(['session.secrets']);
  });
});

import { describe, expect, it } from 'vitest';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';

/** Whether the rule of a path with these options can open without a session. */
async function isConditional(options: string): Promise<boolean> {
  const loaded = await loadText(`public_url: https://auth.example.com
session: { cookie_domains: [example.com] }
routes:
  - id: wiki
    host: wiki.example.com
    public_if: [{ type: network, any: [10.0.0.0/8] }]
    paths: [{ path: /x/**, ${options} }]
`);
  const [route] = linkedOf(loaded).snapshot.table.routes;
  const rule = route?.rules.find(({ pattern }) => pattern === '/x/**');
  return rule?.publicIf !== null;
}

describe('the condition of a route', () => {
  it.each(['methods: [GET]', 'match: any', 'max_age: 1h', 'factor_age: 1h'])(
    'is inherited by a path with %s',
    async (options) => {
      expect(await isConditional(options)).toBe(true);
    },
  );

  it.each([
    'public: false',
    'closed: false',
    'public: true',
    'closed: true',
    'public_if: []',
    'policies: []',
  ])('does not open a path with %s', async (options) => {
    expect(await isConditional(options)).toBe(false);
  });
});

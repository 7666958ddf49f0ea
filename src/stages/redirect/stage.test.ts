import { describe, expect, it } from 'vitest';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { redirect } from './stage.ts';

const open = (to: string) =>
  flowBrowser(flowEngine({ flows: [testFlow('go', [{ type: 'redirect', to }])] })).open('/flow/go');

describe('redirect', () => {
  it.each(['https://wiki.example.com/x?y=1', 'https://auth.example.com/'])(
    'leads to %s',
    async (to) => {
      const seen = await open(to);
      expect([seen.status, seen.location]).toEqual([303, to]);
    },
  );

  it.each(['https://evil.example/', 'http://wiki.example.com/', 'https://wiki.example.com:8443/'])(
    'ends the flow rather than lead to %s',
    async (to) => {
      const seen = await open(to);
      expect([seen.status, seen.view.code, seen.location]).toEqual([403, 'redirect/foreign', '']);
    },
  );

  it.each(['javascript:alert(1)', '/relative', '//evil.example', ''])(
    'refuses the target: %s',
    (to) => {
      expect(redirect.config.safeParse({ to }).success).toBe(false);
    },
  );
});

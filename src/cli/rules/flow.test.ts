/** `doorward flow …`: lists, text and diagrams. */
import { describe, expect, it } from 'vitest';
import { testFlow } from '../../../test/support/flow-fakes.ts';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { doorward } from '../../../test/support/terminal.ts';

describe('flow', () => {
  it('lists and shows flows', async () => {
    expect((await doorward('flow list')).out).toContain(
      'login  Sign in <here>  authentication  anyone    identification → second',
    );
    expect((await doorward('flow show login')).out).toBe(`login: Sign in <here>
  designation  authentication
  requires     anyone
  1. identification  flows/login.yaml:4
     by: ["email"]
  2. second (dummy)  flows/login.yaml:5
     only when any of: not office
     on a refused answer: restart
`);
  });

  it('shows what a flow does with users it does not admit, and its own texts', async () => {
    const own = testFlow('join', [{ type: 'password' }], {
      requires: 'anonymous',
      denied: { action: 'message_continue', text: { en: 'You are in.', de: 'Sie sind drin.' } },
      texts: new Map([['password.title', 'Open up']]),
    });
    const snapshot = { ...testSnapshot(), flows: new Map([['join', own]]) };
    expect((await doorward('flow show join', { snapshot })).out).toContain(
      `  denied       message_continue: "You are in."
  text         password.title: "Open up"
`,
    );
    const { out } = await doorward('flow show join --json', { snapshot });
    expect(JSON.parse(out)).toMatchObject({
      denied: { action: 'message_continue', text: { en: 'You are in.', de: 'Sie sind drin.' } },
      texts: { 'password.title': 'Open up' },
    });
  });

  it.each(['flow show form', 'flow show form --json', 'flow list --json'])(
    'shows no secret: %s',
    async (command) => {
      const captcha = { type: 'captcha', kind: 'turnstile', site_key: 'public', secret: 'hush' };
      const snapshot = {
        ...testSnapshot(),
        flows: new Map([['form', testFlow('form', [captcha])]]),
      };
      const { out } = await doorward(command, { snapshot });
      expect(out).toContain('public');
      expect(out).not.toContain('hush');
    },
  );

  it('draws one with skipped stages and restarts', async () => {
    expect((await doorward('flow graph login')).out).toBe(`flowchart TD
  start(["Sign in #60;here#62;: anyone"])
  s0["identification"]
  start --> s0
  s1["second (dummy)"]
  p1{"not office"}
  s0 --> p1
  p1 -->|yes| s1
  s1 -.->|refused: start again| s0
  done(["done"])
  s1 --> done
  p1 -->|no, left out| done
`);
  });

  it('lists the existing flows if another is requested', async () => {
    expect(await doorward('flow show nope')).toEqual({
      code: 1,
      out: '',
      err: 'doorward: no flow nope; available: login\n',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText, realLists } from '../../../test/support/configuration.ts';
import { readIcu } from './icu-text.ts';

const MAIN = 'public_url: https://auth.example.com\nflows: ./flows\n';
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';

/** A sign-in that may insert set-up stages, with these texts. */
function load(texts: string, head = '') {
  const login = `title: Sign in
designation: authentication
${head}texts:
${texts}stages:
  - { type: identification }
  - { type: password }
  - { type: authenticator, not_configured: configure }
  - { type: user_login }
`;
  return loadText(MAIN, { files: { 'flows/login.yaml': login, 'flows/logout.yaml': LOGOUT } });
}

async function flowOf(texts: string, head = '') {
  return linkedOf(await load(texts, head)).snapshot.flows.get('login');
}

describe('texts of a flow', () => {
  it('concern its stages, those they insert, and the flow itself, in several languages', async () => {
    const flow = await flowOf(`  password.title: { en: Open up, de: Aufmachen }
  totp_setup.title: An app, please
  flow.signed-in.text: Hello {name}
  password.throttled: "{minutes, plural, one {One minute} other {# minutes}}; it's a while"
`);
    expect([...(flow?.texts ?? [])].map(([key]) => key)).toEqual([
      'password.title',
      'totp_setup.title',
      'flow.signed-in.text',
      'password.throttled',
    ]);
    expect(flow?.texts.get('password.title')).toEqual({ en: 'Open up', de: 'Aufmachen' });
  });

  it('do not change the meaning of a flow: runs continue', async () => {
    const one = await flowOf('  password.title: One\n');
    const other = await flowOf('  password.title: Other\n', 'requires: anyone\npolicies: []\n');
    expect(other?.digest).toBe(one?.digest);
  });

  it('cannot be changed afterwards', async () => {
    const { texts } = (await flowOf('  password.title: One\n')) ?? {};
    expect(() => (texts as Map<string, string>).set('password.title', 'Two')).toThrow(TypeError);
  });

  it('are limited in number and length', async () => {
    const { en } = realLists.texts;
    const keys = [...Object.keys(en), ...realLists.stages.flatMap((s) => Object.keys(s.texts.en))];
    const many = keys.slice(0, 65).map((key) => `  ${key}: x\n`);
    const faults = faultsOf(await load(many.join('')));
    expect(faults.map((f) => [f.path, f.message])).toContainEqual([
      'texts',
      'expected at most 64 texts',
    ]);
    const [fault] = faultsOf(await load(`  password.title: ${'x'.repeat(1001)}\n`));
    expect([fault?.path, fault?.message]).toEqual([
      'texts["password.title"]',
      'expected at most 1000 characters',
    ]);
  });

  it('fit within their own limits in the shipped ones', () => {
    const all = [realLists.texts, ...realLists.stages.map((stage) => stage.texts)];
    for (const texts of all) {
      for (const [language, entries] of Object.entries(texts)) {
        for (const [key, text] of Object.entries(entries)) {
          const english = readIcu(texts.en[key] ?? '', 'en');
          expect([key, language, readIcu(text, language)]).toEqual([key, language, english]);
        }
      }
    }
  });
});

describe('visitors whom a flow does not admit', () => {
  const HEADED = 'requires: anonymous\n';
  it.each([
    ['', { action: 'message', text: null }],
    ['denied: continue\n', { action: 'continue', text: null }],
    ['denied: { text: Go away }\n', { action: 'message', text: 'Go away' }],
    [
      'denied: { action: message_continue, text: { en: No, fr: Non } }\n',
      { action: 'message_continue', text: { en: 'No', fr: 'Non' } },
    ],
  ])('%j: %j', async (head, denied) => {
    expect((await flowOf('  password.title: x\n', HEADED + head))?.denied).toEqual(denied);
  });

  it('may include those that its policies refuse', async () => {
    const head = 'policies: [{ type: network, any: [private] }]\ndenied: continue\n';
    expect((await flowOf('  password.title: x\n', head))?.denied.action).toBe('continue');
  });
});

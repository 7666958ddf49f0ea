import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';

const HERE = 'public_url: http://auth.demo.localhost:4747\n';
const THERE = 'public_url: https://auth.example.com\n';
const SMTP = 'mail: { type: smtp, host: smtp.example.com, from: door@example.com }\n';
const LOGIN = `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: email_code }
  - { type: user_login }
`;
const LOGOUT = `title: Sign out
designation: invalidation
stages:
  - { type: user_logout }
`;
const OWN = { 'flows/login.yaml': LOGIN, 'flows/logout.yaml': LOGOUT };

const flow = (methods: string): string =>
  LOGIN.replace('email_code }', `password }\n  - { type: authenticator, methods: [${methods}] }`);

async function mailOf(text: string, files: Record<string, string> = {}) {
  return linkedOf(await loadText(text, { files })).settings.mail;
}

describe('mail', () => {
  it('is written to files on this machine, and is off elsewhere', async () => {
    expect((await mailOf(HERE))?.kind.type).toBe('file');
    expect(await mailOf(THERE)).toBeNull();
    expect((await mailOf(THERE + SMTP))?.kind.type).toBe('smtp');
  });

  it('reads its options from environment and file', async () => {
    const env = { DOORWARD_MAIL__PASSWORD: 'secret', DOORWARD_MAIL__PORT: '2525' };
    const text = THERE + SMTP.replace(' }', ', user: door }');
    const { settings } = linkedOf(await loadText(text, { env }));
    expect(settings.mail?.options).toMatchObject({ user: 'door', password: 'secret', port: 2525 });
  });

  it.each([
    ['mail: { type: smpt }', 'mail.type', 'no such mailer, expected one of smtp, file'],
    ['mail: { host: x }', 'mail.type', 'missing, expected one of smtp, file'],
    ['mail: { type: smtp, host: x }', 'mail.from', ''],
    [
      'mail: { type: file, templates: ./nowhere }',
      'mail.templates',
      'the directory does not exist',
    ],
  ])('%s is a fault', async (line, path, message) => {
    const faults = faultsOf(await loadText(`${THERE}${line}\n`));
    expect(faults).toEqual([
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    ]);
  });

  it('is required by a flow that sends emails', async () => {
    const files = OWN;
    const faults = faultsOf(await loadText(`${THERE}flows: ./flows\n`, { files }));
    expect(faults).toEqual([
      expect.objectContaining({
        path: 'stages[1].type',
        message: 'email_code sends email, and the main file has no mail',
      }),
    ]);
    expect((await loadText(`${THERE}${SMTP}flows: ./flows\n`, { files })).ok).toBe(true);
    expect((await loadText(`${HERE}flows: ./flows\n`, { files })).ok).toBe(true);
  });

  it('is required by an authenticator with mailed codes, and by no other', async () => {
    for (const [methods, isFine] of [
      ['totp', true],
      ['totp, email_code', false],
    ] as const) {
      const files = { ...OWN, 'flows/login.yaml': flow(methods) };
      expect((await loadText(`${THERE}flows: ./flows\n`, { files })).ok).toBe(isFine);
    }
  });

  it('accepts the operator’s templates', async () => {
    const files = {
      'letters/email-code.en.txt': 'Subject: Hi\n\n{code}\n',
      'letters/email-code.en.html': '<p>{code}</p>',
    };
    const mail = await mailOf(`${HERE}mail: { type: file, templates: ./letters }\n`, files);
    expect(Object.keys(mail?.templates ?? {})).toEqual(['email-code.en.html', 'email-code.en.txt']);
  });

  it('refuses invalid templates, each by name', async () => {
    const files = {
      'letters/email-code.en.txt': 'Subject: Hi\n\n{cod}\n',
      'letters/email-code.en.html': '<p>hello</p>',
      'letters/email-link.fr.txt': 'Subject: Hi\n\n{link}\n',
      'letters/notes.md': '',
      'letters/email-link.en.html': 'x'.repeat(70_000),
    };
    const text = `${HERE}mail: { type: file, templates: ./letters }\n`;
    const messages = faultsOf(await loadText(text, { files })).map((fault) => fault.message);
    expect(messages).toEqual([
      'email-code.en.html: must contain {code}; the email is useless without it',
      'email-code.en.txt: this email has no {cod}, expected {code}, {site}, {minutes}, {topic}, {purpose}, {origin}, {advice}',
      'email-link.en.html: it is larger than 64 KiB',
      'email-link.fr.txt: email-link.fr.html is missing beside it',
      'notes.md: expected a name such as email-code.en.txt or email-link.de.html',
    ]);
  });
});

import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMAIL_VALUES,
  fillTemplate,
  templateFault,
  templateFile,
  textParts,
} from './email-template.ts';

const TEMPLATE = {
  subject: 'For {site}',
  text: 'Code {code}',
  html: '<style>p { color: red }</style><p title="{site}">{code}</p>',
};

describe('an email', () => {
  it('is filled in, is escaped in HTML, and keeps its styles', () => {
    const email = fillTemplate(TEMPLATE, { site: 'A & "B"', code: '<1>' });
    expect(email).toEqual({
      subject: 'For A & "B"',
      text: 'Code <1>',
      html: '<style>p { color: red }</style><p title="A &amp; &quot;B&quot;">&lt;1&gt;</p>',
    });
  });

  it('has a one-line subject and no markup from values', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'binary' }), (site, code) => {
        const email = fillTemplate(TEMPLATE, { site, code });
        expect(email.subject).not.toMatch(/[\r\n\0]/);
        expect(email.subject.length).toBeLessThanOrEqual(200);
        expect(email.html.match(/</g)).toHaveLength(4);
      }),
    );
  });

  it('does not fill in placeholders within values', () => {
    expect(fillTemplate(TEMPLATE, { site: '{code}', code: '1' }).subject).toBe('For {code}');
  });
});

describe('a template of the operator', () => {
  it.each([
    ['email-code.en.txt', { email: 'email-code', language: 'en', form: 'txt' }],
    ['email-link.de-AT.html', { email: 'email-link', language: 'de-at', form: 'html' }],
    ['email-code.txt', null],
    ['emailcode.en.txt', null],
    ['constructor.en.txt', null],
    ['email-code.en.txt~', null],
    ['email-code.english.txt', null],
  ])('called %s is %j', (name, expected) => {
    expect(templateFile(name)).toEqual(expected);
  });

  it.each([
    ['txt', 'Subject: Hi\n\n{code}\n', null],
    ['txt', '\uFEFFSubject: Hi {site}\r\n\r\n{code}\r\n', null],
    ['txt', 'Hi\n\n{code}', 'first line'],
    ['txt', 'Subject: Hi\n{code}', 'first line'],
    ['txt', 'Subject: \n\n{code}', 'first line'],
    ['txt', 'Subject: Hi\u0007\n\n{code}', 'first line'],
    ['txt', 'Subject: {code}\n\nsee above', 'must contain {code}'],
    ['html', '<p>{code}</p>', null],
    ['html', '<p>{user}</p>{code}', 'no {user}'],
    ['html', '<p>nothing</p>', 'must contain {code}'],
  ] as const)('%s %j', (form, written, fault) => {
    const found = templateFault('email-code', form, written);
    expect(found === null).toBe(fault === null);
    expect(found ?? '').toContain(fault ?? '');
  });

  it('knows its parts', () => {
    expect(textParts('Subject: Hi\n\nA\n\nB\n')).toEqual({ subject: 'Hi', text: 'A\n\nB\n' });
    expect(Object.keys(EMAIL_VALUES)).toEqual([
      'email-code',
      'email-link',
      'factor-locked',
      'token-created',
      'account-exists',
      'invitation',
    ]);
  });
});

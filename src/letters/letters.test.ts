import { describe, expect, it } from 'vitest';
import { fakeEvents } from '../../test/support/fakes.ts';
import { testLive, testSnapshot } from '../../test/support/snapshot.ts';
import { LETTERS, templateFault } from '../core/flow/letter-template.ts';
import type { Mail, Occasion, SentLetter } from '../core/flow/mail.ts';
import { DESIGNATIONS } from '../core/flow/designation.ts';
import { Problem } from '../core/values/problem.ts';
import { createLetters } from './letters.ts';
import { templateFor, templatesWith } from './templates.ts';

const OCCASION: Occasion = {
  designation: 'recovery',
  account: 'ann',
  browser: 'Firefox (Windows)',
  address: '203.0.113.9',
};
const CODE: SentLetter = {
  to: 'ann@example.com',
  template: 'email-code',
  values: { code: '123456', site: 'House', minutes: '10' },
  language: 'en',
  occasion: OCCASION,
};
const LINK: SentLetter = {
  ...CODE,
  template: 'email-link',
  values: { ...CODE.values, link: 'https://auth.example.com/flow/back?plan=p&link=t' },
};

function post(templates: Record<string, string> = {}, fault: Error | null = null) {
  const sent: Mail[] = [];
  const events = fakeEvents();
  const waiting: (() => void)[] = [];
  const letters = createLetters({
    mailer: {
      send(mail) {
        if (fault !== null) return Promise.reject(fault);
        sent.push(mail);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
    templates,
    live: testLive(testSnapshot()),
    events,
    later: (work) => waiting.push(work),
  });
  const deliver = async () => {
    for (const work of waiting.splice(0)) work();
    await letters.close();
  };
  const codes = () => events.all.map((event) => (event.type === 'fault' ? event.code : event.type));
  return { letters, sent, deliver, codes };
}

describe('letters', () => {
  it('are sent after what is at hand, never before', async () => {
    const { letters, sent, deliver } = post();
    await letters.send(CODE);
    expect(sent).toEqual([]);
    await deliver();
    expect(sent).toMatchObject([
      { to: 'ann@example.com', subject: 'Reset your password: your code for House' },
    ]);
    expect(sent[0]?.text).toContain('\n123456\n');
    expect(sent[0]?.html).toContain('<strong>123456</strong>');
  });

  it('UI-letter: say what was asked for, for which account, from where, and what to do if it was not the reader', async () => {
    const { letters, sent, deliver } = post();
    for (const letter of [LINK, CODE]) await letters.send(letter);
    await letters.send({ ...LINK, language: 'de' });
    await letters.send({ ...CODE, occasion: { ...OCCASION, browser: '' } });
    await deliver();
    const [link, code, german, plain] = sent;
    for (const mail of [link, code]) {
      for (const text of [mail?.text, mail?.html]) {
        expect(text).toContain('A new password was requested for the account ann.');
        expect(text).toContain('from Firefox (Windows) at the network address 203.0.113.9.');
        expect(text).toContain('your password stays as it is');
      }
    }
    expect(german?.text).toContain('Für das Konto ann wurde ein neues Passwort angefordert.');
    expect(german?.text).toContain('Firefox (Windows) unter der Netzwerkadresse 203.0.113.9.');
    expect(plain?.text).toContain('The request came from the network address 203.0.113.9.');
  });

  it.each(DESIGNATIONS)('have words for flows of the designation %s', async (designation) => {
    const { letters, sent, deliver } = post();
    for (const language of ['en', 'de']) {
      await letters.send({ ...LINK, language, occasion: { ...OCCASION, designation } });
    }
    await deliver();
    for (const mail of sent) expect(mail.text).not.toMatch(/\{|undefined|^\n/);
    expect(sent[0]?.text).not.toBe(sent[1]?.text);
  });

  it('never let a name become markup or a further placeholder', async () => {
    const { letters, sent, deliver } = post();
    await letters.send({ ...LINK, occasion: { ...OCCASION, account: '<b>{code}{address}</b>' } });
    await deliver();
    expect(sent[0]?.html).toContain('&lt;b&gt;{code}{address}&lt;/b&gt;');
    expect(sent[0]?.html).not.toContain('<b>');
  });

  it('about second factors that are off say whose, since when, from where, and what helps', async () => {
    const { letters, sent, deliver } = post();
    const values = { account: '<ann>', site: 'House', time: '2026-11-27 09:30 UTC' };
    for (const language of ['en', 'de']) {
      await letters.send({ ...CODE, template: 'factor-locked', values, language });
    }
    await deliver();
    const [english, german] = sent;
    expect(english?.subject).toBe('Codes and passkeys are switched off for <ann> at House');
    expect(german?.subject).toBe('Codes und Passkeys sind abgeschaltet für <ann> bei House');
    for (const mail of sent) {
      expect(mail.text).toContain('2026-11-27 09:30 UTC');
      expect(mail.text).toContain('203.0.113.9');
      expect(mail.html).toContain('&lt;ann&gt;');
      expect(mail.html + mail.text).not.toMatch(/undefined|\{\w+\}/);
    }
    expect(english?.text).toContain('recovery codes');
    expect(german?.text).toContain('Wiederherstellungscodes');
  });

  it('carry the link, escaped in HTML', async () => {
    const { letters, sent, deliver } = post();
    await letters.send({ ...LINK, language: 'de-AT' });
    await deliver();
    expect(sent[0]?.subject).toBe('Passwort zurücksetzen: Ihr Link für House');
    expect(sent[0]?.text).toContain('\nhttps://auth.example.com/flow/back?plan=p&link=t\n');
    expect(sent[0]?.html).toContain('href="https://auth.example.com/flow/back?plan=p&amp;link=t"');
  });

  it.each([
    [
      'a link elsewhere',
      { ...LINK, values: { ...LINK.values, link: 'https://evil.example/flow/' } },
    ],
    ['two addresses', { ...CODE, to: 'a@example.com, b@example.com' }],
    ['a header', { ...CODE, to: 'a@example.com\r\nBcc: b@example.com' }],
    ['no such letter', { ...CODE, template: 'constructor' }],
  ])('with %s are not sent, and the log says so', async (_what, letter) => {
    const { letters, sent, deliver, codes } = post();
    await letters.send(letter);
    await deliver();
    expect(sent).toEqual([]);
    expect(codes()).toEqual(['mail/unlawful']);
  });

  it('tell the log when the server takes none, and nobody else', async () => {
    const { letters, deliver, codes } = post({}, new Problem('mail/unavailable', 'away'));
    await expect(letters.send(CODE)).resolves.toBeUndefined();
    await deliver();
    expect(codes()).toEqual(['mail/unavailable']);
  });

  it('do not pile up for a server that is away', async () => {
    const { letters, sent, deliver, codes } = post();
    for (let i = 0; i < 250; i += 1) await letters.send(CODE);
    await deliver();
    expect([sent.length, codes().length, codes()[0]]).toEqual([200, 50, 'mail/overrun']);
  });

  it('are written with the operator’s words where there are some', async () => {
    const { letters, sent, deliver } = post({
      'email-code.en.txt': 'Subject: Psst, {site}\n\nIt is {code}.\n',
      'email-code.en.html': '<b>{code}</b>',
    });
    await letters.send(CODE);
    await deliver();
    expect(sent).toEqual([
      { to: CODE.to, subject: 'Psst, House', text: 'It is 123456.\n', html: '<b>123456</b>' },
    ]);
  });
});

describe('our templates', () => {
  it.each(Object.keys(LETTERS))('%s is whole in English and German', (letter) => {
    const templates = templatesWith({});
    for (const language of ['en', 'de', 'de-CH', 'fr']) {
      const found = templateFor(templates, letter, language);
      expect(templateFault(letter, 'html', found?.html ?? '')).toBeNull();
      const text = `Subject: ${found?.subject}\n\n${found?.text}`;
      expect(templateFault(letter, 'txt', text)).toBeNull();
    }
    expect(templateFor(templates, letter, 'de-CH')).toBe(templateFor(templates, letter, 'de'));
    expect(templateFor(templates, letter, 'fr')).toBe(templateFor(templates, letter, 'en'));
  });
});

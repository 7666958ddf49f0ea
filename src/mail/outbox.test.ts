import { describe, expect, it } from 'vitest';
import { fakeEvents } from '../../test/support/fakes.ts';
import { testLive, testSnapshot } from '../../test/support/snapshot.ts';
import { EMAIL_VALUES, templateFault } from '../core/flow/email-template.ts';
import type { Mail, Occasion, OutgoingEmail } from '../core/flow/mail.ts';
import { DESIGNATIONS } from '../core/flow/designation.ts';
import { Problem } from '../core/values/problem.ts';
import { createOutbox } from './outbox.ts';
import { templateFor, templatesWith } from './templates.ts';

const OCCASION: Occasion = {
  designation: 'recovery',
  account: 'ann',
  browser: 'Firefox (Windows)',
  address: '203.0.113.9',
};
const CODE: OutgoingEmail = {
  to: 'ann@example.com',
  template: 'email-code',
  values: { code: '123456', site: 'House', minutes: '10' },
  language: 'en',
  occasion: OCCASION,
};
const LINK: OutgoingEmail = {
  ...CODE,
  template: 'email-link',
  values: { ...CODE.values, link: 'https://auth.example.com/flow/back?plan=p&link=t' },
};

function post(templates: Record<string, string> = {}, fault: Error | null = null) {
  const sent: Mail[] = [];
  const events = fakeEvents();
  const waiting: (() => void)[] = [];
  const emails = createOutbox({
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
    await emails.close();
  };
  const codes = () => events.all.map((event) => (event.type === 'fault' ? event.code : event.type));
  return { emails, sent, deliver, codes };
}

describe('emails', () => {
  it('are sent after the current work, never before', async () => {
    const { emails, sent, deliver } = post();
    await emails.send(CODE);
    expect(sent).toEqual([]);
    await deliver();
    expect(sent).toMatchObject([
      { to: 'ann@example.com', subject: 'Reset your password: your code for House' },
    ]);
    expect(sent[0]?.text).toContain('\n123456\n');
    expect(sent[0]?.html).toContain('<strong>123456</strong>');
  });

  it('UI-letter: say what was requested, for which account, from where, and what to do if the reader did not request it', async () => {
    const { emails, sent, deliver } = post();
    for (const email of [LINK, CODE]) await emails.send(email);
    await emails.send({ ...LINK, language: 'de' });
    await emails.send({ ...CODE, occasion: { ...OCCASION, browser: '' } });
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

  it.each(DESIGNATIONS)('have texts for flows of the designation %s', async (designation) => {
    const { emails, sent, deliver } = post();
    for (const language of ['en', 'de']) {
      await emails.send({ ...LINK, language, occasion: { ...OCCASION, designation } });
    }
    await deliver();
    for (const mail of sent) expect(mail.text).not.toMatch(/\{|undefined|^\n/);
    expect(sent[0]?.text).not.toBe(sent[1]?.text);
  });

  it('never let a name become markup or a further placeholder', async () => {
    const { emails, sent, deliver } = post();
    await emails.send({ ...LINK, occasion: { ...OCCASION, account: '<b>{code}{address}</b>' } });
    await deliver();
    expect(sent[0]?.html).toContain('&lt;b&gt;{code}{address}&lt;/b&gt;');
    expect(sent[0]?.html).not.toContain('<b>');
  });

  it('about locked second factors name the account, the time, the origin and the remedy', async () => {
    const { emails, sent, deliver } = post();
    const values = { account: '<ann>', site: 'House', time: '2026-11-27 09:30 UTC' };
    for (const language of ['en', 'de']) {
      await emails.send({ ...CODE, template: 'factor-locked', values, language });
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
    const { emails, sent, deliver } = post();
    await emails.send({ ...LINK, language: 'de-AT' });
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
    ['no such email', { ...CODE, template: 'constructor' }],
  ])('with %s are not sent, and the fault is logged', async (_what, email) => {
    const { emails, sent, deliver, codes } = post();
    await emails.send(email);
    await deliver();
    expect(sent).toEqual([]);
    expect(codes()).toEqual(['mail/unlawful']);
  });

  it('that the server rejects are only logged', async () => {
    const { emails, deliver, codes } = post({}, new Problem('mail/unavailable', 'away'));
    await expect(emails.send(CODE)).resolves.toBeUndefined();
    await deliver();
    expect(codes()).toEqual(['mail/unavailable']);
  });

  it('do not pile up while the server is down', async () => {
    const { emails, sent, deliver, codes } = post();
    for (let i = 0; i < 250; i += 1) await emails.send(CODE);
    await deliver();
    expect([sent.length, codes().length, codes()[0]]).toEqual([200, 50, 'mail/overrun']);
  });

  it('use the operator’s templates where they exist', async () => {
    const { emails, sent, deliver } = post({
      'email-code.en.txt': 'Subject: Psst, {site}\n\nIt is {code}.\n',
      'email-code.en.html': '<b>{code}</b>',
    });
    await emails.send(CODE);
    await deliver();
    expect(sent).toEqual([
      { to: CODE.to, subject: 'Psst, House', text: 'It is 123456.\n', html: '<b>123456</b>' },
    ]);
  });
});

describe('our templates', () => {
  it.each(Object.keys(EMAIL_VALUES))('%s is complete in English and German', (email) => {
    const templates = templatesWith({});
    for (const language of ['en', 'de', 'de-CH', 'fr']) {
      const found = templateFor(templates, email, language);
      expect(templateFault(email, 'html', found?.html ?? '')).toBeNull();
      const text = `Subject: ${found?.subject}\n\n${found?.text}`;
      expect(templateFault(email, 'txt', text)).toBeNull();
    }
    expect(templateFor(templates, email, 'de-CH')).toBe(templateFor(templates, email, 'de'));
    expect(templateFor(templates, email, 'fr')).toBe(templateFor(templates, email, 'en'));
  });
});

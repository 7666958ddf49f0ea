import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portalPages } from '../../test/support/page-gallery.ts';
import { refusalBodies } from '../../test/support/refusal-gallery.ts';
import { testLive } from '../../test/support/snapshot.ts';
import type { Field } from '../core/flow/challenge.ts';
import { policies } from '../policies/index.ts';
import { createAssets } from './frame/assets.ts';
import { createPages } from './pages.ts';
import type { FlowPageView } from './views.ts';

const live = testLive();
const sentences = policies.map((policy) => policy.texts);
const pages = createPages(live, createAssets(live), sentences);
const HOSTILE = `<x"'>&{brand}`;
const literal = (text: string) => ({ literal: text });

function view(changes: Partial<FlowPageView> = {}, fields: readonly Field[] = []): FlowPageView {
  return {
    brand: { name: 'Doorward', accent: '#1d6b5a', logo: null },
    language: null,
    flow: { name: 'login', title: 'Sign in' },
    app: null,
    action: '/flow/login',
    challenge: { type: 'any', title: literal('Sign in'), fields, submit: literal('Go on') },
    hidden: {},
    rejection: null,
    notice: null,
    step: null,
    restartUrl: null,
    ...changes,
  };
}

const html = (changes: Partial<FlowPageView>, fields: readonly Field[] = []): string =>
  pages.flowPage(view(changes, fields)).text;

const PASSWORD: Field = {
  kind: 'password',
  name: 'password',
  label: literal('Password'),
  autocomplete: 'current-password',
  required: true,
  maxLength: 1024,
};

const NAME: Field = {
  kind: 'text',
  name: 'login',
  label: literal('Name'),
  required: true,
  maxLength: 9,
};

/** Each kind that is not simply typed into, with the same text in every possible position. */
function hostileFields(evil: string): readonly Field[] {
  const label = literal(evil);
  const options = [{ value: evil, label }];
  const listed = { name: evil, label, options, value: evil, required: false, error: label };
  const bounds = { name: evil, label, value: evil, min: evil, max: evil, required: true };
  return [
    { kind: 'number', ...bounds },
    { kind: 'date', ...bounds, error: label },
    { kind: 'radio', ...listed },
    { kind: 'dropdown', ...listed },
    { kind: 'choice', ...listed },
    { kind: 'alert', tone: 'warning', text: label },
    { kind: 'alert', tone: 'info', text: label },
    { kind: 'separator' },
    { kind: 'qr', text: evil, label, secret: evil },
    { kind: 'codes', label, codes: [evil, evil] },
    {
      kind: 'passkey',
      name: evil,
      ceremony: 'get',
      options: { [evil]: evil },
      conditional: true,
      label,
    },
    { kind: 'work', name: evil, task: { [evil]: evil }, label },
    { kind: 'captcha', name: evil, provider: 'hcaptcha', siteKey: evil, label },
  ];
}

describe('every page', () => {
  const all = Object.entries({ ...portalPages(pages), ...refusalBodies(pages) });

  it.each(all)(
    '%s has one heading, a title with the brand, a language and nothing inline',
    (_name, body) => {
      const { text } = body;
      expect(body.type).toBe('text/html; charset=utf-8');
      expect(text.match(/<h1>/g)).toHaveLength(1);
      expect(text).toMatch(/<title>.+ · Doorward<\/title>/);
      expect(text).toContain('<html lang="en" dir="ltr">');
      expect(text).toContain('<meta name="robots" content="noindex, nofollow">');
      expect(text).not.toMatch(
        /<style|<script(?! src="[^"]*" defer><\/script>)|\sstyle=|\son[a-z]+=/i,
      );
      expect(text).not.toMatch(/undefined|\[object|\{[a-z]+\}/);
    },
  );
});

describe('a flow page', () => {
  it('escapes names, titles, texts, values and addresses, whatever they contain', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (noise) => {
        const evil = `${noise}${HOSTILE}`;
        const text = html(
          {
            brand: { name: evil, accent: '#1d6b5a', logo: null },
            app: { title: evil, host: evil },
            action: evil,
            hidden: { [evil]: evil },
            rejection: literal(evil),
            notice: literal(evil),
            restartUrl: evil,
          },
          [
            { kind: 'username', value: evil },
            { kind: 'text-block', text: literal(evil) },
            { ...PASSWORD, name: evil, label: literal(evil), error: literal(evil) },
            {
              kind: 'text',
              name: evil,
              label: literal(evil),
              value: evil,
              autocomplete: evil,
              required: true,
              maxLength: 9,
            },
            { kind: 'checkbox', name: evil, label: literal(evil), checked: true },
            ...hostileFields(evil),
          ],
        );
        expect(text).not.toContain('<x');
        expect(text).not.toContain(`"'`);
      }),
    );
  });

  it('shows the flow’s own texts, escaped', () => {
    const message = { key: 'page.title.refused', values: { title: 'Ann' } };
    const texts = new Map([['page.title.refused', `<b>{title}</b> '&'`]]);
    const text = html({ notice: message, texts });
    expect(text).toContain('&lt;b&gt;Ann&lt;/b&gt;');
    expect(text).not.toContain('<b>');
    expect(html({ notice: message })).not.toContain('&lt;b&gt;');
  });

  it('tells password managers what each field is, and for which user', () => {
    const text = html({ restartUrl: '/flow/login' }, [
      { kind: 'username', value: 'ann' },
      PASSWORD,
      { kind: 'code', name: 'code', label: literal('Code'), required: true, maxLength: 16 },
      {
        kind: 'text',
        name: 'login',
        label: literal('Name'),
        autocomplete: 'username webauthn',
        required: true,
        maxLength: 254,
      },
    ]);
    expect(text).toMatch(/name="username" value="ann" autocomplete="username" readonly/);
    expect(text).toMatch(/name="password" type="password" autocomplete="current-password"/);
    expect(text).toMatch(
      /name="code" type="text" class="code digits" inputmode="numeric" autocomplete="one-time-code"/,
    );
    expect(text).toMatch(/name="login" type="text" autocomplete="username webauthn"/);
  });

  it('puts the focus on the first field still to be filled in', () => {
    const text = html({}, [{ ...NAME, value: 'ann' }, PASSWORD]);
    expect(text.match(/ autofocus/g)).toHaveLength(1);
    expect(text).toMatch(/name="password"[^>]* autofocus>/);
  });

  it('UI-focus: puts the focus on the field that is wrong, which has its error and the summary as description', () => {
    const text = html({}, [{ ...PASSWORD, error: literal('Too short.') }]);
    expect(text).toContain('<title>Error: Sign in · Doorward</title>');
    expect(text).toMatch(/<div class="summary" id="summary" role="alert" tabindex="-1">/);
    expect(text.match(/ autofocus/g)).toHaveLength(1);
    expect(text).toContain('<a href="#f0">Password: Too short.</a>');
    expect(text).toMatch(
      /id="f0"[^>]*aria-invalid="true" aria-describedby="summary f0-error" autofocus>/,
    );
    expect(text).toContain('<p class="error" id="f0-error">');
  });

  it('UI-focus: puts the focus on the empty field if the submission as a whole was rejected', () => {
    const text = html({ rejection: literal('Wrong.') }, [{ ...NAME, value: 'ann' }, PASSWORD]);
    expect(text.match(/ autofocus/g)).toHaveLength(1);
    expect(text).toMatch(/name="password"[^>]* aria-describedby="summary" autofocus>/);
  });

  it('puts the focus on the first wrong field among several', () => {
    const error = literal('Not this one.');
    const text = html({}, [PASSWORD, { ...NAME, value: 'ann', error }, { ...PASSWORD, error }]);
    expect(text.match(/ autofocus/g)).toHaveLength(1);
    expect(text).toMatch(/name="login"[^>]* autofocus>/);
  });

  it('puts the focus on the summary if there is nothing to correct', () => {
    const text = html({ rejection: literal('Wrong.') }, []);
    expect(text).toMatch(/<div class="summary" id="summary" role="alert" tabindex="-1" autofocus>/);
  });

  it('UI-totp-scroll: leaves a field below a picture for the script to focus', () => {
    const picture: Field = {
      kind: 'qr',
      text: 'otpauth://totp/x?secret=ABC',
      secret: 'ABC',
      label: literal('Picture'),
    };
    const text = html({}, [picture, PASSWORD]);
    expect(text).not.toContain(' autofocus');
    expect(text).toMatch(/name="password"[^>]* data-focus-in-view>/);
  });

  it('never puts a submitted password back into the page', () => {
    expect(html({}, [PASSWORD])).not.toMatch(/<input[^>]*type="password"[^>]* value=/);
  });

  it('has the hidden fields and names the requesting app', () => {
    const text = html({
      hidden: { csrf: 'abc' },
      app: { title: 'Wiki', host: 'wiki.example.com' },
    });
    expect(text).toContain('<input type="hidden" name="csrf" value="abc">');
    expect(text).toContain('<strong>Wiki</strong>');
    expect(text).toContain('wiki.example.com');
  });
});

const buttons = (fields: readonly Field[]): string[] =>
  [...html({}, fields).matchAll(/<button type="submit" class="([a-z-]+)"/g)].map(
    (match) => match[1] as string,
  );

const scripts = (fields: readonly Field[]): string[] =>
  [...html({}, fields).matchAll(/<script src="\/assets\/([a-z]+)-/g)].map((m) => m[1] as string);

const code = (text: string): string =>
  html({}, [{ kind: 'qr', text, label: literal('QR code'), secret: 'ABCD EFGH' }]);

describe('the fields of a page', () => {
  const GET: Field = {
    kind: 'passkey',
    name: 'passkey',
    ceremony: 'get',
    options: {},
    conditional: false,
    label: literal('Use a passkey'),
  };
  const WAYS: Field = {
    kind: 'choice',
    name: 'way',
    label: literal('Another way'),
    options: [{ value: 'mail', label: literal('Mail') }],
    required: false,
  };
  it('puts alternatives below the main action, so that Enter never submits them', () => {
    expect(buttons([WAYS, PASSWORD, GET])).toEqual(['button', 'plain-button']);
    expect(html({}, [WAYS, PASSWORD])).toMatch(
      /class="button">Go on<[^]*value="mail" formnovalidate>/,
    );
  });

  it('shows no submit button if a passkey or a choice is the input', () => {
    expect(buttons([GET, WAYS])).toEqual(['button', 'plain-button']);
    expect(html({}, [GET, WAYS])).not.toContain('Go on');
    expect(buttons([{ ...WAYS, required: true }])).toEqual(['plain-button']);
  });

  it('puts a second passkey button below the first, so that Enter never presses it', () => {
    const older: Field = { ...GET, name: 'older_passkey', label: literal('An older passkey') };
    expect(buttons([GET, older])).toEqual(['button']);
    expect(html({}, [GET, older])).toMatch(/type="submit"[^]*type="button"[^]*An older passkey/);
    expect(buttons([PASSWORD, GET, older])).toEqual(['button']);
  });

  it('loads a script only if it is needed, and the guard of the form last', () => {
    expect(scripts([PASSWORD])).toEqual(['doorward']);
    expect(scripts([PASSWORD, GET])).toEqual(['passkey', 'doorward']);
    expect(scripts([{ kind: 'codes', label: literal('Codes'), codes: ['a'] }])).toEqual([
      'codes',
      'doorward',
    ]);
  });

  it('draws a QR code in the page, and leaves it out if no phone could read it', () => {
    expect(code('otpauth://totp/ann?secret=ABCD')).toMatch(
      /<svg class="qr" role="img" aria-labelledby="f0-title"[^>]*><title id="f0-title">QR code<\/title>/,
    );
    expect(code('otpauth://totp/ann?secret=ABCD')).toContain('<a href="otpauth://');
    expect(code('javascript:alert(1)')).not.toContain('<a href="javascript');
    const long = code('x'.repeat(5000));
    expect(long).not.toContain('<svg class="qr"');
    expect(long).toContain('ABCD EFGH');
  });
});

describe('an error page', () => {
  const bodies = refusalBodies(pages);
  const denied = bodies['denied']?.text ?? '';

  it('names the rule, the contact, and the request, and links to another sign-in', () => {
    expect(denied).toContain('Only members of certain groups have access');
    expect(denied).toContain('needs any of admins, board; has staff');
    expect(denied).toContain('Contact your Doorward administrator');
    expect(denied).toContain('01JDB6Q0M8Y3N5T7V9X1Z2B4D6');
    expect(denied).toContain('Sign in with another account');
    expect(denied).toContain('routes[1].policies[0]');
  });

  it('hides what a network rule compares with', () => {
    expect(denied).toContain('limited to certain networks');
    expect(denied).not.toContain('10.0.0.0/8');
  });

  it('loads its assets from the portal, wherever it is shown', () => {
    expect(denied).toMatch(
      /<link rel="stylesheet" href="https:\/\/auth\.example\.com\/assets\/doorward-/,
    );
    expect(pages.errors.csp).toContain('style-src https://auth.example.com;');
    expect(pages.errors.csp).toContain("form-action 'none'");
  });

  it('says when to retry', () => {
    expect(bodies['store-down']?.text).toContain('Try again in 5 seconds.');
    expect(bodies['too-often']?.text).toContain('Try again in 5 minutes.');
  });

  it('distinguishes an outage of the state from overload', () => {
    expect(bodies['store-down']?.text).toContain('cannot check your sign-in right now');
    expect(bodies['busy']?.text).toContain('Too busy right now');
    expect(bodies['busy']?.text).toContain('Try again in 1 second.');
  });

  it('has texts for every status', () => {
    for (let status = 400; status < 600; status += 1) {
      const { text } = pages.errors.errorPage({
        status,
        code: HOSTILE,
        reasons: [{ code: HOSTILE, detail: HOSTILE, rule: HOSTILE }],
        requestId: HOSTILE,
        host: HOSTILE,
        user: HOSTILE,
        signInUrl: HOSTILE,
        homeUrl: HOSTILE,
        retryAfter: 1,
        language: HOSTILE,
      });
      expect(text).toMatch(/<h1>[A-Z][^<]+<\/h1>/);
      expect(text).not.toContain('<x');
      expect(text).not.toContain(`"'`);
    }
  });
});

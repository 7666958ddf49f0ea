/**
 * Steps with every kind of special field, as pages; and German pages with the stages' real texts.
 */
import type { Challenge, Field } from '../../src/core/flow/challenge.ts';
import type { Pages } from '../../src/pages/pages.ts';
import type { FlowPageView } from '../../src/pages/views.ts';

const say = (literal: string) => ({ literal });

/** A challenge from its fields. */
function step(title: string, fields: readonly Field[], submit = 'Continue'): Challenge {
  return { type: 'any', title: say(title), fields, submit: say(submit) };
}

const CODE: Field = {
  kind: 'code',
  name: 'code',
  label: say('Code from the app, 6 digits'),
  required: true,
  maxLength: 32,
};

const METHODS: Field = {
  kind: 'choice',
  name: 'method',
  label: say('Another way'),
  options: [
    { value: 'email_code', label: say('Send a code to a…n@example.com') },
    { value: 'recovery_code', label: say('Use a recovery code') },
  ],
  required: false,
};

/** Of the same shape as real values, but fake. */
const REQUEST = {
  challenge: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  rpId: 'demo.localhost',
  timeout: 300_000,
  userVerification: 'preferred',
  allowCredentials: [],
};

/** SHA-256 of the salt and 4242. */
export const WORK = {
  algorithm: 'SHA-256',
  salt: '6f1c2a0b93d84e57a1c0?expires=1795400000',
  maxnumber: 20_000,
  signature: '00',
};

const passkey = (ceremony: 'create' | 'get', conditional = false): Field => ({
  kind: 'passkey',
  name: 'passkey',
  ceremony,
  options:
    ceremony === 'get'
      ? REQUEST
      : {
          challenge: REQUEST.challenge,
          rp: { id: 'demo.localhost', name: 'Doorward' },
          user: { id: 'AAECAwQFBgc', name: 'ann', displayName: 'Ann Example' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          timeout: 300_000,
          attestation: 'none',
          authenticatorSelection: { residentKey: 'required', requireResidentKey: true },
          excludeCredentials: [],
        },
  conditional,
  label: say(ceremony === 'get' ? 'Sign in with a passkey' : 'Create passkey'),
});

const PROMPT: readonly Field[] = [
  { kind: 'alert', tone: 'info', text: say('Only the people who run Doorward see this.') },
  {
    kind: 'radio',
    name: 'site',
    label: say('Where do you work?'),
    options: [
      { value: 'north', label: say('Northern office') },
      { value: 'south', label: say('Southern office, with the long corridor and the green door') },
    ],
    value: 'south',
    required: true,
  },
  {
    kind: 'dropdown',
    name: 'team',
    label: say('Team'),
    options: [
      { value: 'a', label: say('Archive') },
      { value: 'b', label: say('Boats') },
    ],
    required: true,
  },
  { kind: 'separator' },
  { kind: 'date', name: 'start', label: say('First day'), required: false, min: '2026-01-01' },
  {
    kind: 'number',
    name: 'desk',
    label: say('Desk'),
    value: '412',
    required: true,
    min: '1',
    max: '400',
    error: say('There are desks 1 to 400.'),
  },
  {
    kind: 'alert',
    tone: 'warning',
    text: say('Your account is checked by a person before it opens.'),
  },
];

/** Challenges by the names of their pages. */
export function fieldChallenges(work: string): Readonly<Record<string, Challenge>> {
  return {
    'field-prompt': step('Tell us about you', PROMPT),
    'field-totp': step('Set up an authenticator app', [
      {
        kind: 'qr',
        text: 'otpauth://totp/Doorward:ann?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Doorward',
        label: say('QR code for the app'),
        secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
      },
      CODE,
    ]),
    'field-codes': step('Save your recovery codes', [
      {
        kind: 'codes',
        label: say('Recovery codes'),
        codes: Array.from({ length: 10 }, (_, i) => `${'abcdefghjk'[i]}7kq-m2xw-9r${i}t`),
      },
      {
        kind: 'checkbox',
        name: 'kept',
        label: say('I have saved these codes in a safe place'),
        checked: false,
      },
    ]),
    'field-second': step('Second step', [CODE, passkey('get'), METHODS]),
    'field-ways': step('How do you want to confirm?', [{ ...METHODS, required: true } as Field]),
    'field-passkey': step('Use your passkey', [passkey('get'), METHODS]),
    'field-passkey-new': step('Add a passkey', [
      {
        kind: 'text',
        name: 'nickname',
        label: say('What you call it (optional)'),
        autocomplete: 'off',
        required: false,
        maxLength: 64,
      },
      passkey('create'),
    ]),
    'field-conditional': step('Sign in', [
      {
        kind: 'text',
        name: 'login',
        label: say('Username'),
        autocomplete: 'username webauthn',
        required: true,
        maxLength: 254,
      },
      passkey('get', true),
    ]),
    'field-work': step('One moment', [
      {
        kind: 'work',
        name: 'work',
        task: { ...WORK, challenge: work },
        label: say('Checking that you are no robot. This takes a few seconds.'),
      },
    ]),
    'field-captcha': step('One moment', [
      {
        kind: 'captcha',
        name: 'captcha',
        provider: 'turnstile',
        siteKey: '1x00000000000000000000AA',
        label: say('Confirm that you are not a robot'),
      },
    ]),
  };
}

/** Pages as a German-speaking user sees them. */
function germanChallenges(): Readonly<Record<string, Partial<FlowPageView>>> {
  const login: Field = {
    kind: 'text',
    name: 'login',
    label: { key: 'identification.login.either' },
    autocomplete: 'username',
    required: true,
    maxLength: 254,
    error: { key: 'identification.login.missing' },
  };
  const secret: Field = {
    kind: 'password',
    name: 'password',
    label: { key: 'password.label' },
    autocomplete: 'current-password',
    required: true,
    maxLength: 1024,
  };
  return {
    'de-identification': {
      challenge: {
        type: 'identification',
        title: { key: 'flow.sign-in' },
        fields: [login, { ...secret, label: { key: 'identification.password' } }],
        submit: { key: 'identification.sign-in' },
      },
      rejection: { key: 'identification.incomplete' },
    },
    'de-password': {
      challenge: {
        type: 'password',
        title: { key: 'password.title' },
        fields: [{ kind: 'username', value: 'ann@example.com' }, secret],
        submit: { key: 'password.submit' },
        restart: { key: 'password.restart' },
      },
      rejection: { key: 'password.throttled', values: { minutes: 3 } },
      notice: { key: 'flow.notice.restarted' },
    },
  };
}

/** German news and home pages, in addition to the steps. */
export function germanPages(
  pages: Pages,
  flowView: (changes: Partial<FlowPageView>) => FlowPageView,
): Readonly<Record<string, ReturnType<Pages['flowPage']>>> {
  const brand = flowView({}).brand;
  const language = 'de-AT,de;q=0.9,en;q=0.5';
  const steps = Object.entries({
    ...germanChallenges(),
    'de-totp': { challenge: fieldChallenges('')['field-totp'] as Challenge },
    'de-codes': { challenge: fieldChallenges('')['field-codes'] as Challenge },
  }).map(([name, changes]) => [name, pages.flowPage(flowView({ ...changes, language }))] as const);
  return {
    ...Object.fromEntries(steps),
    'de-notice': pages.noticePage({
      brand,
      language,
      title: { key: 'flow.title.stopped' },
      text: { key: 'flow.refused.no-sign-in' },
      tone: 'refused',
      primary: { href: '/', label: { key: 'flow.again' } },
      requestId: '01JDB6Q0M8Y3N5T7V9X1Z2B4D6',
      code: 'flow/denied',
    }),
    'de-home': pages.homePage({
      brand,
      language,
      user: 'Ann Example',
      signOutUrl: '/flow/logout',
      search: 'wiki',
      account: [{ href: '/flow/tokens', label: { literal: 'Tokens für Programme' } }],
      apps: [
        { title: 'Wiki', host: 'wiki.example.com', url: '/w', asksMore: true },
        { title: 'Notizen', host: 'notes.example.com', url: '/n', asksMore: false },
      ],
    }),
  };
}

/** Runs the contract for every listed stage; a stage without an example fails here. */
import { describe, expect, it } from 'vitest';
import { stages } from '../../src/stages/index.ts';
import { authority } from '../support/certificate.ts';
import { type StageExample, stageContract } from './stages.suite.ts';

const examples: Readonly<Record<string, StageExample>> = {
  identification: {
    options: {
      by: ['username', 'email'],
      with_password: true,
      passkey: true,
      remember_username: true,
      show_apps: false,
    },
    answer: { login: 'ann', password: 'right', passkey: '' },
  },
  password: {
    options: { directories: ['embedded', 'file'], configure: 'recovery' },
    answer: { password: 'right' },
  },
  authenticator: {
    options: {
      methods: ['totp', 'webauthn', 'recovery_code', 'email_code'],
      not_configured: 'configure',
      configure: 'totp',
      last_used_within: '30d',
      user_verification: 'preferred',
    },
    answer: { code: '123456', passkey: '', way: '' },
  },
  mtls: {
    options: {
      header: 'Ssl-Client-Cert',
      ca: authority().pem,
      attribute: 'san.email',
      equals: 'email',
      not_given: 'deny',
    },
    answer: {},
  },
  totp_setup: { options: { issuer: 'House', digits: 6 }, answer: { code: '123456' } },
  webauthn_setup: {
    options: {
      attachment: 'any',
      resident_key: 'required',
      user_verification: 'preferred',
      name: 'House',
    },
    answer: { passkey: '{}', nickname: 'Key' },
  },
  recovery_codes_setup: { options: { count: 10 }, answer: { kept: 'on' } },
  email_code: { options: { expires: '5m' }, answer: { code: '123456', instead: 'again' } },
  email_link: {
    options: { expires: '5m', other_browser: true },
    answer: { link: 'A'.repeat(22), code: '123456', instead: 'again' },
  },
  email_code_setup: {
    options: { address: 'any' },
    answer: { email: 'ann@example.com', code: '123456', instead: 'again' },
  },
  prompt: {
    options: {
      title: 'About you',
      text: 'Tell us.',
      submit: 'Go',
      fields: [
        { type: 'text', name: 'team', label: 'Team' },
        { type: 'email', name: 'email' },
        { type: 'password', name: 'password' },
        { type: 'hidden', name: 'role', value: 'guest' },
      ],
    },
    answer: { team: 'Blue', email: 'ann@example.com', password: 'short', role: 'x' },
  },
  invitation: { options: { required: true } },
  user_write: {
    options: { create: 'always', fields: { name: 'login' }, groups: ['staff'], inactive: true },
  },
  captcha: {
    options: { kind: 'turnstile', site_key: 'public', secret: 'hush' },
    answer: { work: '{}', captcha: 'token' },
  },
  consent: {
    options: { mode: 'expires', expires: '30d', permissions: { email: 'Your address' } },
    answer: { decision: 'allow' },
  },
  user_delete: { options: { confirm: 'name' }, answer: { name: 'ann', sure: 'on' } },
  user_login: {
    options: {
      lasts: '12h',
      remember_me: '30d',
      end_other_sessions: true,
      bind: ['network', 'geo'],
    },
    answer: { remember: 'yes' },
  },
  user_logout: { options: { everywhere: false }, answer: {} },
  message: { options: { title: 'Hello', text: 'Welcome.' }, answer: {} },
  deny: { options: { text: 'Closed.' } },
  redirect: { options: { to: 'https://wiki.example.com/' } },
};

describe('the list of stages', () => {
  it('contains each type once, and each has an example here', () => {
    expect(stages.map((stage) => stage.type).sort()).toEqual(Object.keys(examples).sort());
  });
});

for (const stage of stages) stageContract(stage, examples[stage.type] ?? { options: {} });

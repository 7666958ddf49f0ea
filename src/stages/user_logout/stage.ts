/**
 * Ends the session after a click. Opening the page must not end it, because any site can make a
 * browser open a page.
 */
import { z } from 'zod';
import type { Texts } from '../../core/values/message.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage } from '../../core/flow/stage.ts';

const texts: Texts = {
  en: {
    'user_logout.title': 'Sign out',
    'user_logout.lead': 'You will be signed out of all apps in this browser.',
    'user_logout.everywhere': 'You will be signed out of all apps, on all your devices.',
    'user_logout.submit': 'Sign out',
  },
  de: {
    'user_logout.title': 'Abmelden',
    'user_logout.lead': 'Sie werden in diesem Browser aus allen Apps abgemeldet.',
    'user_logout.everywhere': 'Sie werden auf allen Ihren Geräten aus allen Apps abgemeldet.',
    'user_logout.submit': 'Abmelden',
  },
};

const config = z.strictObject({
  everywhere: z.boolean().prefault(false).describe('Also ends the sessions on other devices.'),
});

/** See README.md beside this file. */
export const userLogout = defineStage({
  type: 'user_logout',
  config,
  submission: { shape: z.strictObject({}) },
  uses: [],
  claims: () => ({ wants: [], gives: [] }),
  texts,
  open: (ctx) =>
    Promise.resolve(
      ctx.session === null ? { kind: 'pass' } : { kind: 'ask', challenge: challenge(ctx.config) },
    ),
  submit: (ctx) =>
    Promise.resolve({
      kind: 'pass',
      effects: [{ kind: ctx.config.everywhere ? 'end-all-sessions' : 'end-session' }],
    }),
});

function challenge({ everywhere }: z.infer<typeof config>): Challenge {
  return {
    type: 'user_logout',
    title: { key: 'user_logout.title' },
    lead: { key: everywhere ? 'user_logout.everywhere' : 'user_logout.lead' },
    fields: [],
    submit: { key: 'user_logout.submit' },
  };
}

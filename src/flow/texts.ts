/** The flow engine's own words; compose.ts hands them to the pages beside those of the stages. */
import type { Texts } from '../core/message.ts';

export const flowTexts: Texts = {
  en: {
    'flow.continue.title': 'One more click',
    'flow.continue.lead': 'Nothing has been changed yet.',
    'flow.continue.submit': 'Continue',
    'flow.refused.answer': 'Please fill in the form completely and try again.',
    'flow.refused.policy': 'This is not open to you here and now.',
    'flow.refused.link': 'This page opens only from a link sent to you.',
    'flow.refused.sender': 'This form was sent from another site, so nothing was done with it.',
    'flow.refused.unknown': 'There is no such page here. The link may be old or mistyped.',
    'flow.refused.method': 'This page can be opened and its form sent, nothing else.',
    'flow.refused.body': 'What was sent cannot be read as an answer to this page.',
    'flow.refused.too-many': 'Too many attempts. Please try again in a little while.',
    'flow.refused.no-sign-in':
      'You must be signed in for this, and there is no way to sign in here.',
    'flow.fault':
      'Something went wrong on our side. Nothing was changed. Please try again shortly.',
    'flow.title.refused': 'This did not work',
    'flow.title.fault': 'Not available right now',
    'flow.title.stopped': 'It ends here',
    'flow.stopped.session': 'You could not be signed in. Please start again.',
    'flow.notice.stale':
      'That page was out of date: its form had been sent before. This is where you are now.',
    'flow.notice.restarted': 'That page was out of date, so we have started again for you.',
    'flow.again': 'Start again',
    'flow.home': 'Go to the start page',
    'flow.sign-in': 'Sign in',
    'flow.signed-in.title': 'You are signed in',
    'flow.signed-in.text':
      'You are signed in as {name}. You can go on, or sign in again or as somebody else.',
    'flow.signed-in.only': 'You are signed in as {name}. This page is for people who are not.',
    'flow.signed-in.continue': 'Continue',
    'flow.signed-in.other': 'Sign in again or as somebody else',
  },
};

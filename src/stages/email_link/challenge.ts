/** Page and messages of the email_link stage. */
import type { Message } from '../../core/values/message.ts';
import { applicantOf } from '../../core/flow/mail-target.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { Step } from '../../core/flow/stage.ts';

/** Maximum length of a typed code, including spaces. */
export const MAX_CODE = 32;

export const WORDS = {
  wrong: { key: 'email_link.wrong' },
  busy: { key: 'email_link.busy' },
  throttled: { key: 'email_link.throttled' },
};
const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
/** The linker prevents this. If it happens anyway, access is denied. */
export const NO_USER = stop('user/none', { key: 'email_link.nobody' });
export const NO_ADDRESS = stop('email/none', { key: 'email_link.none' });

/** Builds the page; it is the same for known and unknown users. */
export function ask(
  ctx: Parameters<typeof applicantOf>[0],
  { login }: Subject,
): { readonly kind: 'ask'; readonly challenge: Challenge } {
  const address = applicantOf(ctx)?.changes.email ?? null;
  const challenge: Challenge = {
    type: 'email_link',
    title: { key: 'email_link.title' },
    lead:
      address === null
        ? { key: 'email_link.lead' }
        : { key: 'email_link.sign-up', values: { address } },
    fields: [
      // The text above names the address of a new user.
      ...(address === null ? [{ kind: 'username' as const, value: login }] : []),
      {
        kind: 'code',
        name: 'code',
        label: { key: 'email_link.code' },
        autocomplete: 'one-time-code',
        required: true,
        maxLength: MAX_CODE,
      },
      {
        kind: 'choice',
        name: 'instead',
        label: { key: 'email_link.instead' },
        options: [{ value: 'again', label: { key: 'email_link.again' } }],
        required: false,
      },
    ],
    submit: { key: 'email_link.submit' },
    restart: { key: address === null ? 'email_link.restart' : 'email_link.correct' },
  };
  return { kind: 'ask', challenge };
}

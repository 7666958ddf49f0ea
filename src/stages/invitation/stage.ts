/**
 * Checks the invitation of this run: valid, for this flow, and not used up. It is used up by what
 * it allows (user_write), so opening the page does not waste it.
 */
import { z } from 'zod';
import type { Message } from '../../core/values/message.ts';
import { INVITATION_KEY } from '../../core/flow/plan.ts';
import { INVITED_KEY, invitedWith } from '../../core/flow/prompted.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

const config = z.strictObject({
  required: z.boolean().prefault(true).describe('Whether an invitation is required to pass.'),
});
type Context = StageContext<z.infer<typeof config>, 'accounts' | 'directories'>;

/** See README.md beside this file. */
export const invitation = defineStage({
  type: 'invitation',
  config,
  submission: null,
  uses: ['accounts', 'directories'],
  claims: ({ required }) => ({ wants: [], gives: required ? ['prompted'] : [] }),
  texts,
  open: look,
  submit: look,
});

async function look(ctx: Context): Promise<Step> {
  const tokenName = ctx.learned[INVITATION_KEY];
  if (typeof tokenName !== 'string') {
    return ctx.config.required ? NONE : { kind: 'pass', learned: { [INVITED_KEY]: null } };
  }
  const found = await ctx.ports.accounts.invitation(tokenName);
  // An invitation for another flow is reported like an unknown one.
  if (found === null || found.flow !== ctx.flow.name) return UNKNOWN;
  if (found.singleUse && found.used > 0) return SPENT;
  if (found.expiresAt <= ctx.now) return EXPIRED;
  const { id, data } = found;
  const invited = invitedWith(id, data);
  if (invited === null) return UNFIT;
  if (invited.isFirst && !(await ctx.ports.directories.isEmpty())) return LATE;
  return { kind: 'pass', learned: { [INVITED_KEY]: { id, data } } };
}

const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
const NONE = stop('invitation/none', { key: 'invitation.none' });
const UNKNOWN = stop('invitation/unknown', { key: 'invitation.unknown' });
const SPENT = stop('invitation/spent', { key: 'invitation.spent' });
const EXPIRED = stop('invitation/expired', { key: 'invitation.expired' });
const LATE = stop('invitation/late', { key: 'invitation.late' });
const UNFIT = stop('invitation/unfit', { key: 'invitation.unfit' });

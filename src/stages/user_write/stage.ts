/**
 * Writes prompted values into a new user or into the subject; only declared fields are written. It
 * shows no page. The executor decides who may change whom.
 */
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { INVITED_KEY, invitedOf, promptKey } from '../../core/flow/prompted.ts';
import type { Effect } from '../../core/flow/effect.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { changesOf } from './changes.ts';
import { config, type Options } from './options.ts';
import { texts } from './texts.ts';

type Context = StageContext<Options, never>;

/** See README.md beside this file. */
export const userWrite = defineStage({
  type: 'user_write',
  config,
  submission: null,
  uses: [],
  claims: ({ create }) => ({
    wants: create === 'never' ? ['identified', 'owner', 'prompted'] : ['prompted'],
    gives: [],
  }),
  texts,
  open: (ctx) => Promise.resolve(write(ctx)),
  submit: (ctx) => Promise.resolve(write(ctx)),
});

function write(ctx: Context): Step {
  const { create } = ctx.config;
  const isMeant = create !== 'always' && (ctx.subject?.userId ?? null) !== null;
  if (!isMeant && create === 'never') return NO_USER;
  if (isMeant && (!isOwner(ctx) || ctx.user === null)) return NO_USER;
  const invited = invitedOf(ctx.learned);
  const written = changesOf(ctx.config, ctx.learned, invited, isMeant ? ctx.user : null);
  if (written === null) return UNFIT;
  const { changes, passwordHash } = written;
  if (!isMeant && changes.name === undefined) return NAMELESS;
  const effects: Effect[] = [];
  if (invited !== null) {
    effects.push({ kind: 'spend-invitation', id: invited.id, isFirst: invited.isFirst });
  }
  if (!isMeant || passwordHash !== null || Object.keys(changes).length > 0) {
    effects.push({
      kind: 'write-user',
      mode: isMeant ? 'update' : 'create',
      changes,
      ...(passwordHash === null ? {} : { passwordHash }),
    });
  }
  return { kind: 'pass', learned: forgotten(ctx), effects };
}

/** Remove what was used: the plan must not retain a written password hash or a used invitation. */
function forgotten(ctx: Context): Record<string, null> {
  const { password } = ctx.config.fields;
  return {
    [INVITED_KEY]: null,
    ...(password === undefined ? {} : { [promptKey(password)]: null }),
  };
}

const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
const NO_USER = stop('user/unproved', { key: 'user_write.unproved' });
const UNFIT = stop('user/unfit', { key: 'user_write.unfit' });
const NAMELESS = stop('user/name', { key: 'user_write.nameless' });

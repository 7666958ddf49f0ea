/**
 * Deletes the user and all their data after they confirm it. Being signed in is not enough: the
 * proof must be recent and from this run.
 */
import { z } from 'zod';
import type { Message } from '../../core/values/message.ts';
import { isOwner } from '../../core/flow/owner.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { foldName } from '../../core/people/user.ts';
import { texts } from './texts.ts';

/** Maximum length of a typed username, in characters. */
const MAX_NAME = 254;
/** Maximum age of the proof, in milliseconds. */
const FRESH = 10 * 60_000;
/** What browsers and scripts send for a checked box. */
const TICKED: readonly unknown[] = ['on', 'true', true];

const config = z.strictObject({
  confirm: z
    .enum(['name', 'checkbox'])
    .prefault('name')
    .describe('Whether the user must type the username or check a box.'),
});
type Context = StageContext<z.infer<typeof config>, never>;

/** See README.md beside this file. */
export const userDelete = defineStage({
  type: 'user_delete',
  config,
  submission: {
    shape: z.strictObject({
      name: z.string().max(MAX_NAME).optional(),
      sure: z.union([z.enum(['on', 'true']), z.boolean()]).optional(),
    }),
  },
  uses: [],
  claims: () => ({ wants: ['identified', 'verified'], gives: [] }),
  texts,
  open(ctx): Promise<Step> {
    const rejection = rejectionOf(ctx);
    return Promise.resolve(rejection ?? { kind: 'ask', challenge: challenge(ctx) });
  },
  submit(ctx, given): Promise<Step> {
    const rejection = rejectionOf(ctx);
    if (rejection !== null) return Promise.resolve(rejection);
    const own = foldName(ctx.user?.name ?? '');
    const isSure =
      ctx.config.confirm === 'name'
        ? own !== '' && foldName(given.name ?? '') === own
        : TICKED.includes(given.sure);
    if (isSure) return Promise.resolve({ kind: 'pass', effects: [{ kind: 'delete-user' }] });
    return Promise.resolve({
      kind: 'ask',
      challenge: challenge(ctx),
      reason: { code: 'answer/invalid' },
      rejection: { key: `user_delete.unsure.${ctx.config.confirm}` },
    });
  },
});

const stop = (code: string, text: Message): Step => ({ kind: 'stop', reason: { code }, text });
/** The linker prevents this. If it happens anyway, no user is deleted. */
const UNPROVED = stop('user/unproved', { key: 'user_delete.unproved' });
const STALE = stop('session/stale', { key: 'user_delete.stale' });

function rejectionOf(ctx: Context): Step | null {
  if (!isOwner(ctx) || ctx.user === null || ctx.proofs.length === 0) return UNPROVED;
  return ctx.proofs.some((proof) => ctx.now - proof.at < FRESH) ? null : STALE;
}

function challenge(ctx: Context): Challenge {
  const name = ctx.user?.name ?? '';
  return {
    type: 'user_delete',
    title: { key: 'user_delete.title' },
    lead: { key: 'user_delete.lead', values: { name } },
    fields: [
      { kind: 'alert', tone: 'warning', text: { key: 'user_delete.warning' } },
      ctx.config.confirm === 'name'
        ? {
            kind: 'text',
            name: 'name',
            label: { key: 'user_delete.name', values: { name } },
            autocomplete: 'off',
            required: true,
            maxLength: MAX_NAME,
          }
        : {
            kind: 'checkbox',
            name: 'sure',
            label: { key: 'user_delete.sure' },
            checked: false,
          },
    ],
    submit: { key: 'user_delete.submit' },
  };
}

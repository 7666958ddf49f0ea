/**
 * Lists the user's tokens for programs, creates one and revokes one. A new token is shown on one page, and
 * remembered nowhere: the plan knows no more than which page comes next.
 */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { newToken } from '../../core/administration/token.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { Effect } from '../../core/flow/effect.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { MOST_TOKENS, type Token, type TokenApp } from '../../core/people/token.ts';
import type { Session } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import { formChallenge, listChallenge, revokeChallenge, shownChallenge } from './challenges.ts';
import { chosenApps, type Given, MOST_APPS, offerOf, shape } from './form.ts';
import { texts } from './texts.ts';

const DAY = 86_400_000;

const config = z.strictObject({
  longest: duration({ least: DAY })
    .prefault('365d')
    .describe('Longest time for which users can create a token, in whole days.'),
  most: z
    .int()
    .min(1)
    .max(MOST_TOKENS)
    .prefault(20)
    .describe(
      'Number of tokens, those of operators included, from which on users cannot create more.',
    ),
});
type Context = StageContext<z.infer<typeof config>, 'apps' | 'random' | 'tokens' | 'vault'>;
/** A context of the user who is signed in. */
type Owned = Context & {
  readonly subject: { readonly userId: string };
  readonly session: Session;
  readonly user: User;
};

/** Which page comes next, as the plan remembers it. */
const view = z.discriminatedUnion('page', [
  z.strictObject({ page: z.literal('list'), revoked: z.string().nullable() }),
  z.strictObject({ page: z.literal('form'), chosen: z.array(z.string()) }),
  z.strictObject({ page: z.literal('shown'), name: z.string() }),
  z.strictObject({ page: z.literal('revoke'), id: z.string() }),
]);
type View = z.infer<typeof view>;

/** See README.md beside this file. */
export const tokens = defineStage({
  type: 'tokens',
  config,
  submission: { shape },
  uses: ['apps', 'random', 'tokens', 'vault'],
  claims: () => ({ wants: ['identified', 'owner', 'session'], gives: [] }),
  acts: ['create-token', 'revoke-token'],
  texts,
  async open(ctx): Promise<Step> {
    return isSignedIn(ctx) ? pageOf(ctx, viewOf(ctx)) : NOT_OWNER;
  },
  async submit(ctx, given): Promise<Step> {
    if (!isSignedIn(ctx)) return NOT_OWNER;
    const shown = viewOf(ctx);
    switch (shown.page) {
      case 'list':
        return fromList(ctx, given);
      case 'form':
        return given.do === 'back' ? go(ctx, LIST) : create(ctx, given);
      case 'shown':
        return go(ctx, LIST);
      case 'revoke':
        return given.do === 'back' ? go(ctx, LIST) : revoke(ctx, shown.id);
    }
  },
});

const LIST: View = { page: 'list', revoked: null };
/** The linker prevents this. If it happens anyway, nothing is shown or created. */
const NOT_OWNER: Step = {
  kind: 'stop',
  reason: { code: 'user/unproved' },
  text: { key: 'tokens.unproved' },
};

function isSignedIn(ctx: Context): ctx is Owned {
  return isOwner(ctx) && ctx.session?.userId === ctx.subject.userId && ctx.user !== null;
}

const keyOf = ({ stageId }: Pick<Context, 'stageId'>): string => `tokens:${stageId}`;

function viewOf(ctx: Context): View {
  const { data = LIST } = view.safeParse(ctx.learned[keyOf(ctx)]);
  return data;
}

/** Asks with another page, once the effects are carried out. */
async function go(ctx: Owned, next: View, effects: readonly Effect[] = []): Promise<Step> {
  const step = await pageOf(ctx, next);
  return step.kind === 'ask' ? { ...step, learned: { [keyOf(ctx)]: next }, effects } : step;
}

/** The page. Never one of a token that is gone. */
async function pageOf(ctx: Owned, shown: View): Promise<Step> {
  switch (shown.page) {
    case 'shown':
      return ask(shownChallenge(shown.name, ctx.shown));
    case 'form': {
      const apps = await appsOf(ctx);
      return ask(formChallenge({ apps, chosen: shown.chosen, longest: ctx.config.longest }));
    }
    case 'revoke': {
      const token = (await tokensOf(ctx)).find(({ id }) => id === shown.id);
      return token === undefined ? pageOf(ctx, LIST) : ask(revokeChallenge(token.name));
    }
    case 'list': {
      const own = await tokensOf(ctx);
      const obstacle = await obstacleOf(ctx, own);
      const all = own.map((token) => ({ token, apps: ctx.ports.apps.titles(token.routes) }));
      return ask(listChallenge(all, { now: ctx.now, obstacle, revoked: shown.revoked }));
    }
  }
}

async function fromList(ctx: Owned, given: Given): Promise<Step> {
  if (given.revoke !== undefined) return go(ctx, { page: 'revoke', id: given.revoke });
  const isDone = given.do === 'done' || (await obstacleOf(ctx, await tokensOf(ctx))) !== null;
  return isDone ? { kind: 'pass' } : go(ctx, { page: 'form', chosen: [] });
}

async function create(ctx: Owned, given: Given): Promise<Step> {
  const { longest, most } = ctx.config;
  const apps = await appsOf(ctx);
  const read = offerOf(given, ctx.subject.userId, { apps, longest });
  if ('errors' in read) {
    const chosen = [...chosenApps(given)].filter((id) => apps.some((app) => app.id === id));
    return {
      kind: 'ask',
      challenge: formChallenge({ apps, chosen, longest }, read.errors),
      reason: { code: 'answer/invalid' },
      rejection: { key: 'tokens.check' },
      learned: { [keyOf(ctx)]: { page: 'form', chosen } },
    };
  }
  const { token, text } = newToken(ctx.ports, read.offer, ctx.now);
  const effect: Effect = { kind: 'create-token', token, text, most };
  return go(ctx, { page: 'shown', name: token.name }, [effect]);
}

async function revoke(ctx: Owned, id: string): Promise<Step> {
  const token = (await tokensOf(ctx)).find((one) => one.id === id);
  if (token === undefined) return go(ctx, LIST);
  const effect: Effect = { kind: 'revoke-token', userId: ctx.subject.userId, id };
  return go(ctx, { page: 'list', revoked: token.name }, [effect]);
}

function ask(challenge: Challenge): Step {
  return { kind: 'ask', challenge };
}

function tokensOf(ctx: Owned): Promise<readonly Token[]> {
  return ctx.ports.tokens.tokens(ctx.subject.userId, MOST_TOKENS);
}

function appsOf(ctx: Owned): Promise<readonly TokenApp[]> {
  return ctx.ports.apps.openTo(ctx, ctx.facts, MOST_APPS);
}

/** Why the user cannot create a token; null if they can. */
async function obstacleOf(ctx: Owned, own: readonly Token[]): Promise<'none' | 'full' | null> {
  if (own.length >= ctx.config.most) return 'full';
  return (await appsOf(ctx)).length === 0 ? 'none' : null;
}

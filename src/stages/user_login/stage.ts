/**
 * Starts the session, optionally asking first whether to stay signed in. The executor refuses to
 * start one for a user who is not proved.
 */
import { z } from 'zod';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { config, type Options } from './options.ts';
import { texts } from './texts.ts';

type Answer = 'yes' | 'no';
type Context = Pick<StageContext<Options>, 'config' | 'learned'>;

/** Key of the choice in `learned`: each run asks once, even with several user_login stages. */
const ANSWER_KEY = 'user_login.remember';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** See README.md beside this file. */
export const userLogin = defineStage({
  type: 'user_login',
  config,
  submission: {
    shape: z.strictObject({ remember: z.enum(['yes', 'no']) }),
    asks: (options) => options.remember_me !== undefined,
  },
  uses: [],
  claims: () => ({ wants: ['identified', 'verified'], gives: ['session'] }),
  needs: { places: (options) => (options.bind?.includes('geo') === true ? 'bind' : null) },
  texts,
  open: (ctx) => Promise.resolve(mustAsk(ctx) ? ask(ctx.config) : start(ctx, givenAnswer(ctx))),
  submit: (ctx, { remember }) =>
    Promise.resolve(start(ctx, mustAsk(ctx) ? remember : givenAnswer(ctx))),
});

function givenAnswer({ learned }: Context): Answer | null {
  const answer = learned[ANSWER_KEY];
  return answer === 'yes' || answer === 'no' ? answer : null;
}

function mustAsk(ctx: Context): boolean {
  return ctx.config.remember_me !== undefined && givenAnswer(ctx) === null;
}

/** A choice made in one user_login stage applies to another only if that stage also offers it. */
function start({ config: options }: Context, answer: Answer | null): Step {
  const { lasts = null, remember_me: longest, end_other_sessions: endOthers, bind } = options;
  const remember = answer === 'yes' ? longest : null;
  return {
    kind: 'pass',
    learned: answer === null ? {} : { [ANSWER_KEY]: answer },
    effects: [
      {
        kind: 'start-session',
        lasts,
        endOthers,
        ...(longest === undefined || remember === undefined ? {} : { remember }),
        ...(bind === undefined ? {} : { bind }),
      },
    ],
  };
}

function ask({ remember_me: longest = DAY }: Options): Step {
  const isDays = longest % DAY === 0;
  const yes = {
    key: `user_login.yes.${isDays ? 'days' : 'hours'}`,
    values: { count: longest / (isDays ? DAY : HOUR) },
  };
  const challenge: Challenge = {
    type: 'user_login',
    title: { key: 'user_login.title' },
    lead: { key: 'user_login.lead' },
    fields: [
      {
        kind: 'choice',
        name: 'remember',
        label: { key: 'user_login.choice' },
        options: [
          { value: 'yes', label: yes },
          { value: 'no', label: { key: 'user_login.no' } },
        ],
        required: true,
      },
    ],
    submit: { key: 'user_login.submit' },
  };
  return { kind: 'ask', challenge };
}

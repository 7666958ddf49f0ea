/** The pages of the stage: the list, the form, the new token, the question before it revokes one. */
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { MAX_TOKEN_NAME, tokenState } from '../../core/administration/token.ts';
import type { Token, TokenApp } from '../../core/people/token.ts';
import type { Message } from '../../core/values/message.ts';
import { daysWithin, type Errors, MAX_LIST, READING } from './form.ts';

const TYPE = 'tokens';
/** Preselected, if the flow allows as many. */
const USUAL_DAYS = 90;

/** A token, with the titles of its apps. */
export interface ShownToken {
  readonly token: Token;
  readonly apps: readonly string[];
}

/** What the list shows beside the tokens. */
interface ListState {
  readonly now: number;
  /** Why no token can be created; null if one can. */
  readonly obstacle: 'none' | 'full' | null;
  /** Name of the token that was just revoked, or null. */
  readonly revoked: string | null;
}

/** The user's tokens, each with a button that revokes it. */
export function listChallenge(
  tokens: readonly ShownToken[],
  { now, obstacle, revoked }: ListState,
): Challenge {
  const news: Field[] =
    revoked === null ? [] : [info({ key: 'tokens.revoked', values: { name: revoked } })];
  const why: Field[] =
    obstacle === null
      ? []
      : [info({ key: obstacle === 'full' ? 'tokens.full' : 'tokens.no-apps' })];
  const list: Field =
    tokens.length === 0
      ? { kind: 'text-block', text: { key: 'tokens.empty' } }
      : {
          kind: 'items',
          name: 'revoke',
          label: { key: 'tokens.list' },
          items: tokens.map((one) => itemOf(one, now)),
        };
  const challenge = {
    type: TYPE,
    title: { key: 'tokens.title' },
    lead: { key: 'tokens.lead' },
    hidesApp: true as const,
  };
  if (obstacle !== null) {
    return { ...challenge, fields: [...news, list, ...why], submit: { key: 'tokens.done' } };
  }
  const fields = [...news, list, choice('done', { key: 'tokens.done' })];
  return { ...challenge, fields, submit: { key: 'tokens.create' } };
}

function itemOf({ token, apps }: ShownToken, now: number) {
  const { id, name, methods, networks, expiresAt, lastUsedAt } = token;
  const isExpired = tokenState(token, now) === 'expired';
  const lines: readonly (Message | null)[] = [
    apps.length === 0
      ? { key: 'tokens.any-app' }
      : { key: 'tokens.apps', values: { apps: apps.join(', ') } },
    methods.length === 0 ? null : methodsLine(methods),
    networks.length === 0
      ? null
      : { key: 'tokens.only-networks', values: { networks: networks.join(', ') } },
    lastUsedAt === null
      ? { key: 'tokens.unused' }
      : { key: 'tokens.used', values: { at: lastUsedAt } },
    expiresAt === null
      ? { key: 'tokens.lasting' }
      : { key: isExpired ? 'tokens.expired' : 'tokens.expires', values: { at: expiresAt } },
  ];
  return {
    value: id,
    title: name,
    lines: lines.filter((line) => line !== null),
    action: { key: 'tokens.revoke' },
  };
}

function methodsLine(methods: readonly string[]): Message {
  const isReading = methods.length === READING.length && READING.every((m) => methods.includes(m));
  return isReading
    ? { key: 'tokens.reading' }
    : { key: 'tokens.only-methods', values: { methods: methods.join(', ') } };
}

/** What the form offers. */
interface FormState {
  readonly apps: readonly TokenApp[];
  /** Ids of apps that are ticked. */
  readonly chosen: readonly string[];
  /** Longest time, in milliseconds. */
  readonly longest: number;
}

const MAY: Field = {
  kind: 'radio',
  name: 'may',
  label: { key: 'tokens.may' },
  options: [
    { value: 'read', label: { key: 'tokens.may.read' } },
    { value: 'all', label: { key: 'tokens.may.all' } },
    { value: 'listed', label: { key: 'tokens.may.listed' } },
  ],
  value: 'read',
  required: true,
};

/** The form for a new token. */
export function formChallenge(
  { apps, chosen, longest }: FormState,
  errors: Errors = {},
): Challenge {
  const days = daysWithin(longest);
  return {
    type: TYPE,
    title: { key: 'tokens.new.title' },
    lead: { key: 'tokens.new.lead' },
    hidesApp: true,
    fields: [
      {
        kind: 'text',
        name: 'name',
        label: { key: 'tokens.name' },
        required: true,
        maxLength: MAX_TOKEN_NAME,
        autocomplete: 'off',
        ...errorOf(errors.name),
      },
      {
        kind: 'checkboxes',
        name: 'app',
        label: { key: 'tokens.app' },
        options: apps.map(({ id, title, host }) => ({
          value: id,
          label: { literal: title === host ? host : `${title} (${host})` },
        })),
        chosen: apps.length === 1 ? apps.map(({ id }) => id) : chosen,
        ...errorOf(errors.app),
      },
      MAY,
      optional('methods', { key: 'tokens.methods' }, errors.methods),
      {
        kind: 'dropdown',
        name: 'days',
        label: { key: 'tokens.days' },
        options: days.map((count) => ({
          value: String(count),
          label: { key: 'tokens.days.count', values: { count } },
        })),
        value: String(days.includes(USUAL_DAYS) ? USUAL_DAYS : Math.max(...days)),
        required: true,
        ...errorOf(errors.days),
      },
      optional('networks', { key: 'tokens.networks' }, errors.networks),
      choice('back', { key: 'tokens.cancel' }),
    ],
    submit: { key: 'tokens.new.submit' },
  };
}

function optional(name: 'methods' | 'networks', label: Message, error: Message | undefined): Field {
  return {
    kind: 'text',
    name,
    label,
    value: '',
    required: false,
    maxLength: MAX_LIST,
    autocomplete: 'off',
    ...errorOf(error),
  };
}

/** The new token, once; afterwards a page that says so. */
export function shownChallenge(name: string, text: string | null): Challenge {
  const challenge = { type: TYPE, hidesApp: true as const, submit: { key: 'tokens.to-list' } };
  return text === null
    ? {
        ...challenge,
        title: { key: 'tokens.gone.title' },
        lead: { key: 'tokens.gone.lead', values: { name } },
        fields: [],
      }
    : {
        ...challenge,
        title: { key: 'tokens.made.title' },
        lead: { key: 'tokens.made.lead', values: { name } },
        fields: [
          { kind: 'secret', label: { key: 'tokens.made.label' }, secret: text },
          { kind: 'alert', tone: 'warning', text: { key: 'tokens.made.once' } },
        ],
      };
}

/** Asks before a token is revoked. */
export function revokeChallenge(name: string): Challenge {
  return {
    type: TYPE,
    title: { key: 'tokens.revoke.title', values: { name } },
    lead: { key: 'tokens.revoke.lead' },
    hidesApp: true,
    fields: [choice('back', { key: 'tokens.keep' })],
    submit: { key: 'tokens.revoke.submit' },
  };
}

function info(text: Message): Field {
  return { kind: 'alert', tone: 'info', text };
}

function choice(value: 'back' | 'done', label: Message): Field {
  return {
    kind: 'choice',
    name: 'do',
    label: { key: value === 'done' ? 'tokens.finished' : 'tokens.instead' },
    options: [{ value, label }],
    required: false,
  };
}

function errorOf(error: Message | undefined): { readonly error?: Message } {
  return error === undefined ? {} : { error };
}

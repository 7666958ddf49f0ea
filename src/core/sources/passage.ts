/**
 * A visit to a provider as its plan contains it. The state names the plan, so that the callback finds it
 * with one lookup, and contains a secret that only the plan and the provider's answer know. Pure.
 */
import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import type { Random, Vault } from '../values/system.ts';
import type { Passage } from './source.ts';

/** The key in `learned` for the visit under way; a later visit replaces it. */
export const PASSAGE_KEY = 'source.passage';

/** Longest answer of a provider as a query string, in characters. */
export const MAX_ANSWER = 8192;

/** A visit and the stage that it belongs to. */
export interface Visit extends Omit<Passage, 'redirectUri'> {
  readonly stage: string;
  readonly source: string;
}

type Learned = Readonly<Record<string, Json>>;

const STATE = /^([A-Za-z0-9_-]{16,64})\.[A-Za-z0-9_-]{22,64}$/;

/** A new visit; every secret in it is random. */
export function newVisit(
  random: Random,
  planId: string,
  visit: Pick<Visit, 'stage' | 'source' | 'maxAge'>,
): Visit {
  return {
    ...visit,
    state: `${planId}.${random.token(16)}`,
    nonce: random.token(16),
    verifier: random.token(32),
  };
}

/** What the plan stores about it. */
export function storedVisit({ stage, source, state, nonce, verifier, maxAge }: Visit): Json {
  return { stage, source, state, nonce, verifier, maxAge };
}

/** The visit under way, or null. */
export function visitOf(learned: Learned): Visit | null {
  const kept = learned[PASSAGE_KEY];
  if (!isRecord(kept)) return null;
  const text = (key: string): string => {
    const value = kept[key];
    return typeof value === 'string' ? value : '';
  };
  const { maxAge } = kept;
  const visit = {
    stage: text('stage'),
    source: text('source'),
    state: text('state'),
    nonce: text('nonce'),
    verifier: text('verifier'),
    maxAge: typeof maxAge === 'number' ? maxAge : null,
  };
  return Object.values(visit).includes('') ? null : visit;
}

/** The plan that a state names; null if it is none of ours. */
export function planOfState(state: string): string | null {
  return STATE.exec(state)?.[1] ?? null;
}

/** Whether the state is that of the visit. Compares one-way names, so that time reveals nothing. */
export function isStateOf(vault: Pick<Vault, 'name'>, visit: Visit, state: string): boolean {
  return vault.name('source-state', visit.state) === vault.name('source-state', state);
}

/**
 * The parameters of an answer; null if it is too long, has too many or repeats one: parsers disagree on
 * repeated parameters.
 */
export function answerOf(query: string): URLSearchParams | null {
  if (query.length > MAX_ANSWER || query.split('&', MOST + 1).length > MOST) return null;
  const answer = new URLSearchParams(query);
  const names = [...answer.keys()];
  return new Set(names).size === names.length ? answer : null;
}

/** Most parameters of an answer. */
const MOST = 16;

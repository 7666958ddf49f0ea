/**
 * Texts of a flow that replace ours: texts of its stages or of the flow engine, with the same
 * placeholders. Emails are not part of them; they have templates.
 */
import type { StageBinding } from '../../core/flow/flow.ts';
import type { OwnTexts, Texts, Words } from '../../core/values/message.ts';
import type { AnyStage } from '../../core/flow/stage.ts';
import { readIcu } from './icu-text.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** Where our texts come from. */
export interface TextSources {
  readonly stages: readonly AnyStage[];
  /** The texts of the flow engine. */
  readonly texts: Texts;
}

/** Most keys that a fault lists. */
const MOST_NAMED = 24;

/** The texts. Notes their faults. `bindings`: the stages of the flow. */
export function linkFlowTexts(
  given: Readonly<Record<string, Words>>,
  bindings: readonly StageBinding[],
  sources: TextSources,
  spot: Spot,
): OwnTexts {
  const entries = Object.entries(given);
  if (entries.length === 0) return new Map();
  const ours = textsOf(bindings, sources);
  for (const [key, words] of entries) {
    const at = below(spot, key);
    const original = ours.get(key);
    if (original === undefined) blameKey(key, [...ours.keys()], sources, at);
    else checkWords(words, original, at);
  }
  return new Map(entries);
}

/** English texts by key: of the stages, of the stages they insert, and of the engine. */
function textsOf(
  bindings: readonly StageBinding[],
  { stages, texts }: TextSources,
): ReadonlyMap<string, string> {
  const inserted = bindings.flatMap(({ stage, config }) =>
    (stage.inserts?.(config) ?? []).map((one) => one.type),
  );
  const others = stages.filter((stage) => inserted.includes(stage.type));
  const all = [...bindings.map(({ stage }) => stage), ...others].map((stage) => stage.texts.en);
  return new Map([...all, texts.en].flatMap((english) => Object.entries(english)));
}

function blameKey(key: string, known: readonly string[], { stages }: TextSources, at: Spot): void {
  const owner = stages.find((stage) => Object.hasOwn(stage.texts.en, key));
  if (owner !== undefined) {
    blame(at, `belongs to the stage ${owner.type}, which this flow does not have`, null, 'key');
    return;
  }
  const family = `${key.split('.', 1)[0]}.`;
  const near = known.filter((one) => one.startsWith(family));
  const types = [...new Set(known.map((one) => `${one.split('.', 1)[0]}.…`))];
  const named = (near.length === 0 ? types : near).slice(0, MOST_NAMED);
  const expected = `no such text, expected one of ${named.join(', ')}`;
  blame(at, expected, suggest(key, known), 'key');
}

function checkWords(words: Words, original: string, at: Spot): void {
  const read = readIcu(original, 'en');
  const names = 'names' in read ? [...read.names] : [];
  if (typeof words === 'string') return checkText(words, 'en', names, at);
  for (const [language, text] of Object.entries(words)) {
    checkText(text, language, names, below(at, language));
  }
}

function checkText(text: string, language: string, known: readonly string[], at: Spot): void {
  const read = readIcu(text, language);
  if ('fault' in read) return blame(at, read.fault);
  for (const name of read.names) {
    if (known.includes(name)) continue;
    const list = known.map((one) => `{${one}}`).join(', ');
    const expected = known.length === 0 ? 'none' : `one of ${list}`;
    blame(at, `the text has no value {${name}}, expected ${expected}`, suggest(name, known));
  }
}

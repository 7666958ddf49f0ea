/**
 * Why an email was sent, in the words of its reader: what was asked for, from where, and what to do
 * when the reader did not ask. An email without these could be for anything, and invites the reader
 * to hand its code to the attacker who caused it.
 */
import type { Occasion } from '../core/flow/mail.ts';
import { german } from './texts/occasion-de.ts';
import { english } from './texts/occasion-en.ts';

/** What a language says of an occasion. `{account}`, `{browser}` and `{address}` are filled in. */
/** Values of the placeholders `{topic}`, `{purpose}`, `{origin}` and `{advice}`. */
export function occasionValues(
  occasion: Occasion,
  language: string,
): Readonly<Record<'topic' | 'purpose' | 'origin' | 'advice', string>> {
  const texts = language.toLowerCase().split('-')[0] === 'de' ? german : english;
  const { topic, purpose, advice } = texts.of[occasion.designation];
  const { account, browser, address } = occasion;
  const fill = (words: string): string =>
    words.replace(/\{(account|browser|address)\}/g, (_, name: string) =>
      name === 'account' ? account : name === 'browser' ? browser : address,
    );
  return {
    topic,
    purpose: fill(purpose),
    origin: fill(browser === '' ? texts.originWithoutBrowser : texts.origin),
    advice: fill(advice),
  };
}

/**
 * Why an email was sent: what was requested, from where, and what to do if the reader did not request
 * it. Without this, a reader may pass the code on to the attacker who caused the email.
 */
import type { Occasion } from '../core/flow/mail.ts';
import { german } from './texts/occasion-de.ts';
import { english } from './texts/occasion-en.ts';

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

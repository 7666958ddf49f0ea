/** What a language says about the occasion of an email. */
import type { Occasion } from '../core/flow/mail.ts';

interface OccasionWords {
  readonly topic: string;
  readonly purpose: string;
  readonly advice: string;
}

/** The sentences in one language; `{account}`, `{browser}` and `{address}` are filled in. */
export interface OccasionTexts {
  readonly of: Readonly<Record<Occasion['designation'], OccasionWords>>;
  /** With a known browser, and without. */
  readonly origin: string;
  readonly originWithoutBrowser: string;
}

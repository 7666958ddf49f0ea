/** What a language says about the occasion of an email. */
import type { Occasion } from '../core/flow/mail.ts';

interface OccasionWords {
  readonly topic: string;
  readonly purpose: string;
  readonly advice: string;
}

/** All that a language says. */
export interface OccasionTexts {
  readonly of: Readonly<Record<Occasion['designation'], OccasionWords>>;
  /** With a browser that has a name here, and without. */
  readonly origin: string;
  readonly originWithoutBrowser: string;
}

/** What pages show. */

import type { Challenge } from '../core/flow/challenge.ts';
import type { Brand } from '../core/setup/brand.ts';
import type { Message, OwnTexts } from '../core/values/message.ts';

/** A step of a flow. */
export interface FlowPageView {
  readonly brand: Brand;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
  readonly flow: { readonly name: string; readonly title: string };
  /** Texts of the flow that replace the built-in ones; left out: none. */
  readonly texts?: OwnTexts;
  /** The app that the user came from, or null. */
  readonly app: { readonly title: string; readonly host: string } | null;
  /** Path on the portal that the form is posted to. */
  readonly action: string;
  readonly challenge: Challenge;
  /** Hidden fields by name, such as csrf and seed. */
  readonly hidden: Readonly<Record<string, string>>;
  /** Why the last submission was rejected, or null. Takes the focus. */
  readonly rejection: Message | null;
  /** Information that is not an error, such as "this form was out of date", or null. */
  readonly notice: Message | null;
  /** Position in the flow, `index` from 1; null if it would not help users. */
  readonly step: { readonly index: number; readonly count: number } | null;
  /** Where “Not you?” leads, or null. */
  readonly restartUrl: string | null;
  /** Links to other flows; left out: none. */
  readonly links?: readonly LinkView[];
}

/** A link and its text. */
export interface LinkView {
  readonly href: string;
  readonly label: Message;
}

/** The end of a flow, or information with a link to continue. */
export interface NoticePageView {
  readonly brand: Brand;
  readonly language: string | null;
  /** Texts of the flow that replace the built-in ones; left out: none. */
  readonly texts?: OwnTexts;
  readonly title: Message;
  readonly text: Message;
  readonly tone: 'info' | 'refused';
  readonly primary: LinkView | null;
  readonly secondary?: LinkView | null;
  readonly requestId: string | null;
  /** Stable code of the reason or problem, shown small, or null. */
  readonly code: string | null;
}

/** An app on the portal's front page. */
export interface AppView {
  readonly title: string;
  readonly host: string;
  readonly url: string;
  /** Whether opening it requires one more step, such as a second factor. */
  readonly asksMore: boolean;
}

/** The portal's front page. */
export interface HomePageView {
  readonly brand: Brand;
  readonly language: string | null;
  /** Display name of the signed-in user. */
  readonly user: string;
  readonly apps: readonly AppView[];
  /** Links to what users can do with their account. */
  readonly account: readonly LinkView[];
  /** The search text; null shows no search box. */
  readonly search: string | null;
  readonly signOutUrl: string;
}

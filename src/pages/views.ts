/** What pages are told: everything they show and nothing they could decide by. */

import type { Challenge } from '../core/flow/challenge.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Message, OwnTexts } from '../core/values/message.ts';

export type Brand = Snapshot['brand'];

/** A step of a flow. */
export interface FlowPageView {
  readonly brand: Brand;
  /** The Accept-Language header, or null. */
  readonly language: string | null;
  readonly flow: { readonly name: string; readonly title: string };
  /** What the flow says in place of ours; left out: nothing. */
  readonly texts?: OwnTexts;
  /** The app that sent the person here, or null. */
  readonly app: { readonly title: string; readonly host: string } | null;
  /** Where the form is posted to, a path on the portal. */
  readonly action: string;
  readonly challenge: Challenge;
  /** Hidden fields: csrf, seed and the like. */
  readonly hidden: Readonly<Record<string, string>>;
  /** Why the last answer was refused, or null. Takes the focus. */
  readonly refusal: Message | null;
  /** News that is nobody's fault, such as "this form was stale, please start again", or null. */
  readonly notice: Message | null;
  /** Place in the flow, `index` from 1; null when it means nothing to people. */
  readonly step: { readonly index: number; readonly count: number } | null;
  /** Where "not you?" leads, or null. */
  readonly restartUrl: string | null;
  /** Other flows to go to instead; left out: none. */
  readonly links?: readonly LinkView[];
}

/** A link in words. */
export interface LinkView {
  readonly href: string;
  readonly label: Message;
}

/** The end of a flow, or a piece of news with a way on. */
export interface NoticePageView {
  readonly brand: Brand;
  readonly language: string | null;
  /** What the flow says in place of ours; left out: nothing. */
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
  /** Whether opening it asks for one more step, such as a second factor. */
  readonly asksMore: boolean;
}

/** The portal's front page. */
export interface HomePageView {
  readonly brand: Brand;
  readonly language: string | null;
  /** Display name of who is signed in. */
  readonly user: string;
  readonly apps: readonly AppView[];
  /** What was searched for; null shows no search box. */
  readonly search: string | null;
  readonly signOutUrl: string;
}

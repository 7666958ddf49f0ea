/** A flow as parsed and linked: an ordered list of stages with their policies. */

import type { PolicySet } from '../policy/policy.ts';
import type { OwnTexts, Words } from '../values/message.ts';
import type { Designation } from './designation.ts';
import type { AnyStage } from './stage.ts';

export const REQUIREMENTS = ['anyone', 'anonymous', 'session', 'fresh', 'link', 'source'] as const;
/**
 * Who may start it. `fresh`: signed in within the last ten minutes. `link`: resumed from an emailed link.
 * `source`: only a run that goes on in it, with an account at a source that has no user yet.
 */
export type Requirement = (typeof REQUIREMENTS)[number];

export const DENIED_ACTIONS = ['message', 'message_continue', 'continue'] as const;

/** What users see when the flow does not admit them, because of its policies or because they are signed in. */
export interface Denied {
  /**
   * `message`: a page that says so; `message_continue`: with a link to the destination; `continue`:
   * straight to the destination, or the page if that would lead back here.
   */
  readonly action: (typeof DENIED_ACTIONS)[number];
  /** The page's text, or null for the default. */
  readonly text: Words | null;
}

/** What happens after a rejected submission: ask again, start over, or start over with the same subject. */
export type OnInvalid = 'retry' | 'restart' | 'restart_keeping';

/** A stage as part of a flow. */
export interface StageBinding {
  /** Unique in its flow; the type unless the operator sets one. */
  readonly id: string;
  readonly stage: AnyStage;
  /** Parsed options of the stage. */
  readonly config: unknown;
  /** Evaluated when the stage is reached and again on POST. An error leaves the stage in. */
  readonly policies: PolicySet;
  /** Policies for submissions; see `Stage.submission`. */
  readonly validators: PolicySet;
  readonly onInvalid: OnInvalid;
  /** Location in the file. */
  readonly at: string;
}

/** A linked flow. */
export interface Flow {
  readonly name: string;
  readonly title: Words;
  readonly designation: Designation;
  readonly requires: Requirement;
  readonly policies: PolicySet;
  readonly denied: Denied;
  /** Texts that replace ours on its pages. */
  readonly texts: OwnTexts;
  readonly stages: readonly StageBinding[];
  /** Hash of its meaning; plans with another digest start again. */
  readonly digest: string;
}

/** A flow as it was parsed and linked: an ordered list of stages with their gates. */
import type { OwnTexts, Words } from '../values/message.ts';
import type { Designation } from './designation.ts';
import type { PolicySet } from '../access/policy.ts';
import type { AnyStage } from './stage.ts';

export const REQUIREMENTS = ['anyone', 'anonymous', 'session', 'fresh', 'link'] as const;
/** Who may start it. `fresh`: signed in within ten minutes. `link`: resumed from a mailed link. */
export type Requirement = (typeof REQUIREMENTS)[number];

export const DENIED_ACTIONS = ['message', 'message_continue', 'continue'] as const;

/** What somebody meets whom the flow does not admit: its policies, or that they are signed in. */
export interface Denied {
  /**
   * `message`: a page that says so; `message_continue`: with a way on to where they were going;
   * `continue`: straight on, and the page where that would lead back here.
   */
  readonly action: (typeof DENIED_ACTIONS)[number];
  /** In place of our sentence, or null. */
  readonly text: Words | null;
}

/** What happens after a refused answer: ask again, start over, or start over but keep who it is. */
export type OnInvalid = 'retry' | 'restart' | 'restart_keeping';

/** A stage where it stands in a flow. */
export interface StageBinding {
  /** Unique in its flow; the type when the operator gave none. */
  readonly id: string;
  readonly stage: AnyStage;
  /** Parsed options of the stage. */
  readonly config: unknown;
  /** EvaluatedRule when the stage is reached and again on POST. An error leaves the stage in. */
  readonly policies: PolicySet;
  /** What its answers are judged by; see `Stage.judges`. */
  readonly judges: PolicySet;
  readonly onInvalid: OnInvalid;
  /** Place in the file. */
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
  /** Said on its pages in place of ours. */
  readonly texts: OwnTexts;
  readonly stages: readonly StageBinding[];
  /** Hash of its meaning; plans of another digest start again. */
  readonly digest: string;
}

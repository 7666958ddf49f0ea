/** Submissions as stages may read them: parsed by the stage's own schema, or rejected. */
import { submissionShape } from '../../core/flow/submission-shape.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Json } from '../../core/values/json.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { Step } from '../../core/flow/stage.ts';

/** What a user sent to one stage, by field name. */
export type Submission = Readonly<Record<string, Json>>;

/** The submission as its stage parses it, or null if it has another shape. */
export function parseSubmission(
  { stage, config }: Pick<StageBinding, 'stage' | 'config'>,
  challenge: Challenge,
  submission: Submission,
): { readonly value: unknown } | null {
  const parsed = submissionShape(stage, config)?.safeParse(withoutKept(challenge, submission));
  return parsed?.success === true ? { value: parsed.data } : null;
}

/** The same challenge again, because the submission does not fit it. */
export function rejected(challenge: Challenge): Step {
  return {
    kind: 'ask',
    challenge,
    reason: { code: 'answer/invalid' },
    rejection: { key: 'flow.refused.answer' },
  };
}

/** Drops the username that pages include for password managers, unless the challenge has that field. */
function withoutKept(challenge: Challenge, submission: Submission): Submission {
  if (!challenge.fields.some((field) => field.kind === 'username')) return submission;
  const isField = challenge.fields.some((field) => 'name' in field && field.name === 'username');
  if (isField) return submission;
  const { username: _kept, ...rest } = submission;
  return rest;
}

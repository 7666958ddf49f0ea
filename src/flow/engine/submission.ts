/** Answers as stages may read them: of the stage's own shape or not at all. */
import { answerShape } from '../../core/flow/submission-shape.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Json } from '../../core/values/json.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import type { Step } from '../../core/flow/stage.ts';

type Answer = Readonly<Record<string, Json>>;

/** The answer parsed by its stage, or null when it has another shape. */
export function understood(
  { stage, config }: Pick<StageBinding, 'stage' | 'config'>,
  challenge: Challenge,
  answer: Answer,
): { readonly value: unknown } | null {
  const parsed = answerShape(stage, config)?.safeParse(withoutKept(challenge, answer));
  return parsed?.success === true ? { value: parsed.data } : null;
}

/** The same question again, refused: what came was no answer to it. */
export function refused(challenge: Challenge): Step {
  return {
    kind: 'ask',
    challenge,
    reason: { code: 'answer/invalid' },
    refusal: { key: 'flow.refused.answer' },
  };
}

/** The username that is kept in the page for password managers is shown, not asked. */
function withoutKept(challenge: Challenge, answer: Answer): Answer {
  if (!challenge.fields.some((field) => field.kind === 'username')) return answer;
  const isAsked = challenge.fields.some((field) => 'name' in field && field.name === 'username');
  if (isAsked) return answer;
  const { username: _kept, ...rest } = answer;
  return rest;
}

/** The schema of a stage's submissions, under its options. */
import type { ZodType } from 'zod';
import type { AnyStage } from './stage.ts';

/** The schema, strict and bounded; null if the stage takes no submissions. */
export function submissionShape(stage: AnyStage, config: unknown): ZodType | null {
  const { submission } = stage;
  if (submission === null) return null;
  return submission.shapeFor === undefined ? submission.shape : submission.shapeFor(config);
}

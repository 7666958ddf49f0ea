/** What a stage takes for an answer under the options it was given. */
import type { ZodType } from 'zod';
import type { AnyStage } from './stage.ts';

/** The shape, strict and bounded; null: the stage is never answered. */
export function answerShape(stage: AnyStage, config: unknown): ZodType | null {
  return stage.answerTo === undefined ? stage.answer : stage.answerTo(config);
}

/** The contract of every stage. A new stage is tested as soon as it is listed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { submissionShape } from '../../src/core/flow/submission-shape.ts';
import type { Message } from '../../src/core/values/message.ts';
import type { AnyStage, StageContext, Step } from '../../src/core/flow/stage.ts';
import { optionTables } from '../support/option-table.ts';
import { readmeOf } from '../support/readme.ts';
import { isSource } from '../support/source-files.ts';
import { exampleOf } from '../support/stage-claims.ts';
import { stageContext } from '../support/stage-context.ts';

/** Options that a stage accepts, and a valid submission. */
export interface StageExample {
  readonly options: Readonly<Record<string, unknown>>;
  /** Left out for stages that accept no submission. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** The longest string that a stage may accept in a submission, in characters. */
const MAX_ANSWER = 8192;
const FOLDER = join(import.meta.dirname, '../../src/stages');
/** Field names reserved by the flow engine. */
const TAKEN = new Set(['seed', 'plan', 'csrf', 'revision', 'stage', 'rd', 'username']);

const mayNotProve = (): never => {
  throw new Error('proved something while opening');
};

/** Registers the contract for one stage. */
export function stageContract(stage: AnyStage, example: StageExample): void {
  const config: unknown = stage.config.parse(example.options);
  const contextWith = (changes: Partial<StageContext<unknown>> = {}): StageContext<unknown> =>
    stageContext(stage, config, changes);

  describe(`the stage ${stage.type}`, () => {
    it('refuses unknown options', () => {
      expect(stage.config.safeParse({ ...example.options, nonsense: 1 }).success).toBe(false);
    });

    it('can be opened repeatedly, without proving or changing anything', async () => {
      const context = Object.freeze(contextWith({ prove: mayNotProve }));
      const first = await stage.open(context);
      expect(await stage.open(context)).toEqual(first);
      expect(() => JSON.stringify(first)).not.toThrow();
    });

    it('accepts its own submission and no other shape', () => {
      expect(stage.submission === null).toBe(example.answer === undefined);
      const takes = (answer: unknown): boolean =>
        submissionShape(stage, config)?.safeParse(answer).success ?? false;
      expect(takes(example.answer)).toBe(example.answer !== undefined);
      expect(takes({ ...example.answer, nonsense: 'x' })).toBe(false);
      for (const name of Object.keys(example.answer ?? {})) expect(TAKEN).not.toContain(name);
    });

    it('limits every string of a submission', () => {
      for (const name of Object.keys(example.answer ?? {})) {
        const long = { ...example.answer, [name]: 'x'.repeat(MAX_ANSWER + 1) };
        expect(submissionShape(stage, config)?.safeParse(long).success).toBe(false);
      }
    });

    it('asks only for fields that it accepts', async () => {
      const step = await stage.open(contextWith({ prove: mayNotProve }));
      const names =
        step.kind === 'ask'
          ? step.challenge.fields.flatMap((f) => ('name' in f ? [f.name] : []))
          : [];
      for (const name of names) expect(Object.keys(example.answer ?? {})).toContain(name);
    });

    it('has English texts for every key it uses, under its own name', async () => {
      const words = stage.texts.en;
      for (const key of Object.keys(words)) expect(key.startsWith(`${stage.type}.`)).toBe(true);
      const answer: unknown = example.answer ?? {};
      const verdicts = ['wrong', 'busy', 'throttled'] as const;
      const steps = [
        await stage.open(contextWith()),
        await stage.open(contextWith({ subject: null })),
        await stage.open(contextWith({ checkReturnTo: () => null })),
        ...(await Promise.all(
          verdicts.map((result) =>
            stage.submit(
              contextWith({
                prove: () =>
                  Promise.resolve(result === 'throttled' ? { result, retryAt: 1 } : { result }),
              }),
              answer,
            ),
          ),
        )),
      ];
      for (const key of steps.flatMap(keysOf)) expect(Object.keys(words)).toContain(key);
      const source = readdirSync(join(FOLDER, stage.type))
        .filter(isSource)
        .map((file) => readFileSync(join(FOLDER, stage.type, file), 'utf8'))
        .join('\n');
      for (const [, key] of source.matchAll(/key: '([^']+)'/g)) {
        expect(Object.keys(words)).toContain(key);
      }
    });

    it('has German texts for all its English ones', () => {
      const german = stage.texts['de'] ?? {};
      expect(Object.keys(german).sort()).toEqual(Object.keys(stage.texts.en).sort());
    });

    it('does only what it declares', async () => {
      const { gives } = stage.claims(config);
      const step = await stage.open(contextWith({ prove: mayNotProve }));
      if (step.kind !== 'pass') return;
      expect(step.identified !== undefined).toBe(gives.includes('identified'));
      expect(step.proved).toBeUndefined();
      const starts = (step.effects ?? []).some((effect) => effect.kind === 'start-session');
      expect(starts).toBe(gives.includes('session'));
    });

    it('describes each option, and has a valid example', () => {
      const [table = ''] = optionTables(stage.config);
      for (const option of Object.keys(example.options)) expect(table).toContain(`| \`${option}\``);
      const shown = exampleOf(stage, readmeOf('stages', stage.type));
      expect(stage.config.safeParse(shown).success).toBe(true);
    });
  });
}

function keysOf(step: Step): string[] {
  const messages: (Message | undefined)[] = [];
  if (step.kind === 'stop') messages.push(step.text);
  if (step.kind === 'ask') {
    const { title, lead, submit, restart, fields } = step.challenge;
    messages.push(title, lead, submit, restart, step.rejection);
    for (const field of fields) {
      if ('label' in field) messages.push(field.label);
      if ('text' in field && typeof field.text !== 'string') messages.push(field.text);
      if ('options' in field && field.kind !== 'passkey') {
        messages.push(...field.options.map((option) => option.label));
      }
      if ('error' in field) messages.push(field.error);
    }
  }
  return messages.flatMap((message) =>
    message === undefined || 'literal' in message ? [] : [message.key],
  );
}

/** Runs the contract for every listed stage, with the examples in its folder. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stages } from '../../src/stages/index.ts';
import { examplesOf } from '../support/examples.ts';
import { stageContract, type StageExample } from './stages.suite.ts';

describe('the list of stages', () => {
  it('contains each folder once', () => {
    const folders = readdirSync(new URL('../../src/stages/', import.meta.url), {
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(stages.map((stage) => stage.type).sort()).toEqual(folders.sort());
  });
});

for (const stage of stages) {
  const examples = await examplesOf<readonly StageExample[]>('stages', stage.type);
  for (const example of examples) stageContract(stage, example);
}

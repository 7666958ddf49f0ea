/** Every listed stage keeps the contract; one that is listed without an example fails here. */
import { describe, expect, it } from 'vitest';
import { stages } from '../../src/stages/index.ts';
import { type StageExample, stageContract } from './stages.suite.ts';

const examples: Readonly<Record<string, StageExample>> = {
  identification: {
    options: { by: ['username', 'email'], with_password: true },
    answer: { login: 'ann', password: 'right' },
  },
  password: { options: {}, answer: { password: 'right' } },
  user_login: { options: { lasts: '12h', end_other_sessions: true } },
  user_logout: { options: { everywhere: false }, answer: {} },
  message: { options: { title: 'Hello', text: 'Welcome.' }, answer: {} },
  deny: { options: { text: 'Closed.' } },
  redirect: { options: { to: 'https://wiki.example.com/' } },
};

describe('the list of stages', () => {
  it('names each type once, and each has an example here', () => {
    expect(stages.map((stage) => stage.type).sort()).toEqual(Object.keys(examples).sort());
  });
});

for (const stage of stages) stageContract(stage, examples[stage.type] ?? { options: {} });

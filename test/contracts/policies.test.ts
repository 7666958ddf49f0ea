/** Runs the contract for every policy, with the examples in its folder. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policies } from '../../src/policies/index.ts';
import { examplesOf } from '../support/examples.ts';
import { policyContract, type PolicyExample } from './policies.suite.ts';

describe('policies', () => {
  it('are listed, each folder once', () => {
    const folders = readdirSync(new URL('../../src/policies/', import.meta.url), {
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(policies.map((p) => p.type).sort()).toEqual(folders.sort());
  });
});

for (const policy of policies) {
  policyContract(policy, await examplesOf<readonly PolicyExample[]>('policies', policy.type));
}

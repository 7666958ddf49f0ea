/** Runs the contract for every policy. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policies } from '../../src/policies/index.ts';
import { policyCases } from '../support/policy-cases.ts';
import { policyContract } from './policies.suite.ts';

describe('policies', () => {
  it('are listed, each folder once', () => {
    const folders = readdirSync(new URL('../../src/policies/', import.meta.url), {
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(policies.map((p) => p.type).sort()).toEqual(folders.sort());
  });

  for (const policy of policies) policyContract(policy, policyCases[policy.type] ?? []);
});

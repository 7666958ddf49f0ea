/** Options for the contract that all stages keep. */
import type { StageExample } from '../../../test/contracts/stages.suite.ts';

export const examples: readonly StageExample[] = [{ options: { to: 'https://wiki.example.com/' } }];

/**
 * The pages that follow from the lists of stages and policies: `docs/stages.md`, `docs/policies.md`.
 * Their words are those of the README beside each plug-in and of its schema; none are written here.
 */
import type { Lists } from '../../src/config/lists.ts';
import { optionTables } from './option-table.ts';
import { readmeOf } from './readme.ts';
import { claimLines } from './stage-claims.ts';

const GENERATED =
  '<!-- Written by `npm run generate`; change README and schema of the plug-in. -->';

const STAGES_HEAD = `# Stages

What a flow is made of, in reading order. Where a stage may stand follows from what it **wants** to
be certain before and what it **gives** once it is passed: \`doorward check\` proves the order of every
flow with these, over every way in which its policies may leave stages out.

| certain | that |
|---|---|
| \`identified\` | it is known who is meant |
| \`verified\` | they proved it in this run |
| \`owner\` | they proved it in this run, or are signed in |
| \`session\` | a session was started |
| \`prompted\` | there are answers to be written |

Every stage also takes \`id\`, \`policies\`, \`match\` and \`on_invalid\`: see [flows](flows.md#a-flow-file).
What a stage **asks** of the gateway while it runs is named, too; it reaches nothing else.`;

const POLICIES_HEAD = `# Policies

The kinds of policies, in reading order: what each looks at, what it can be told, and every reason it
gives. How policies are bound, combined and explained: [access](access.md).`;

/** The generated pages, by their path in the repository. Throws when a README has not its form. */
export function referenceFiles(lists: Lists): ReadonlyMap<string, string> {
  return new Map([
    ['docs/stages.md', stagesPage(lists)],
    ['docs/policies.md', policiesPage(lists)],
  ]);
}

function stagesPage({ stages }: Lists): string {
  const entries = stages.map((stage) => {
    const readme = readmeOf('stages', stage.type);
    const uses = stage.uses.map((port: string) => `\`${port}\``).join(', ');
    const facts = [...claimLines(stage, readme), ...(uses === '' ? [] : [`Asks ${uses}.`])];
    return [
      `## ${stage.type}`,
      readme.about,
      ...optionTables(stage.config),
      facts.map((fact) => `- ${fact}`).join('\n'),
      readme.example,
      `Behaviour and edges: [${stage.type}](${readme.link})`,
    ].join('\n\n');
  });
  return page(STAGES_HEAD, stages, entries);
}

function policiesPage({ policies }: Lists): string {
  const entries = policies.map((policy) => {
    const readme = readmeOf('policies', policy.type);
    return [
      `## ${policy.type}`,
      readme.about,
      ...optionTables(policy.config),
      readme.example,
      ['| reason | when |', '|---|---|', ...readme.reasons].join('\n'),
      `More: [${policy.type}](${readme.link})`,
    ].join('\n\n');
  });
  return page(POLICIES_HEAD, policies, entries);
}

function page(
  head: string,
  listed: readonly { type: string }[],
  entries: readonly string[],
): string {
  const contents = listed.map(({ type }) => `[${type}](#${type})`).join(' · ');
  return `${[GENERATED, head, contents, ...entries].join('\n\n')}\n`;
}

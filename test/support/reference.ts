/**
 * The pages that follow from the lists of stages and policies: `docs/stages.md`, `docs/policies.md`.
 * Their words are those of the README beside each plug-in and of its schema; none are written here.
 */
import { parse } from 'yaml';
import type { AnyPolicy, Lists } from '../../src/config/settings/lists.ts';
import { inWords, optionTables, shapeOf } from './option-table.ts';
import { type Readme, readmeOf } from './readme.ts';
import { claimLines, variations } from './stage-claims.ts';

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
    const signals = signalsOf(policy, readme);
    return [
      `## ${policy.type}`,
      readme.about,
      ...optionTables(policy.config),
      ...(signals.length === 0
        ? []
        : [`Needs ${inWords(signals, 'and')}, gathered where it is bound.`]),
      readme.example,
      ['| reason | when |', '|---|---|', ...readme.reasons].join('\n'),
      `More: [${policy.type}](${readme.link})`,
    ].join('\n\n');
  });
  return page(POLICIES_HEAD, policies, entries);
}

/** Signals it needs under the options that its README shows, or under one word more. */
function signalsOf(policy: AnyPolicy, readme: Readme): readonly string[] {
  const shown = found(parse(readme.yaml), policy.type);
  const others = variations(shapeOf(policy.config)).flatMap(([name, value]) =>
    shown.map((options) => ({ ...options, [name]: value })),
  );
  const needed = [...shown, ...others].flatMap((options) => {
    const config = policy.config.safeParse(options);
    return config.success ? (policy.needs?.(config.data) ?? []) : [];
  });
  return [...new Set(needed.map((signal) => `\`${signal.split(':', 1)[0]}\``))];
}

/** The options of every policy of a type that stands somewhere in a document, without a binding's keys. */
function found(part: unknown, type: string): readonly Record<string, unknown>[] {
  if (typeof part !== 'object' || part === null) return [];
  const {
    type: named,
    negate: _n,
    otherwise: _o,
    expires: _e,
    dry_run: _d,
    ...options
  } = part as Record<string, unknown>;
  const inner = Object.values(part).flatMap((one: unknown) => found(one, type));
  return named === type ? [options, ...inner] : inner;
}

function page(
  head: string,
  listed: readonly { type: string }[],
  entries: readonly string[],
): string {
  const contents = listed.map(({ type }) => `[${type}](#${type})`).join(' · ');
  return `${[GENERATED, head, contents, ...entries].join('\n\n')}\n`;
}

/**
 * The pages derived from the lists of stages and policies: `docs/stages.md`, `docs/policies.md`.
 * All texts come from the README beside each plug-in and from its schema; none are written here.
 */
import { parse } from 'yaml';
import type { AnyPolicy, Lists } from '../../src/config/settings/lists.ts';
import { inWords, optionTables, shapeOf } from './option-table.ts';
import { type Readme, readmeOf } from './readme.ts';
import { claimLines, variations } from './stage-claims.ts';

const GENERATED =
  '<!-- Written by `npm run generate`; change README and schema of the plug-in. -->';

const STAGES_HEAD = `# Stages

Every stage that a [flow](flows.md) can contain, with its options. Every stage also accepts \`id\`,
\`policies\`, \`match\` and \`on_invalid\`: see [a flow file](flows.md#a-flow-file).

Each entry lists what the stage **needs** from the stages before it and what it **gives** to those after
it. \`doorward check\` uses this to prove the order of every flow, over every combination of stages that
policies can leave out:

| fact | meaning |
|---|---|
| \`identified\` | The user is known |
| \`verified\` | The user was verified in this run |
| \`owner\` | The user was verified in this run or is signed in |
| \`session\` | A session has started |
| \`prompted\` | There are answers to write |
| \`applicant\` | The user is a new one, whose address is not verified yet |

Each entry also lists the parts of the gateway that the stage **uses**. It has access to no others.`;

const POLICIES_HEAD = `# Policies

Every type of policy, with its options and reasons. [Access](access.md) explains how to use, combine and
test policies.`;

/**
 * The generated pages, by their path in the repository. Throws if a README lacks the required form.
 */
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
    const facts = [...claimLines(stage, readme), ...(uses === '' ? [] : [`Uses ${uses}.`])];
    return [
      `## ${stage.type}`,
      readme.about,
      ...optionTables(stage.config),
      facts.map((fact) => `- ${fact}`).join('\n'),
      readme.example,
      `Behavior and edges: [${stage.type}](${readme.link})`,
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
        : [`Uses the ${signals.length === 1 ? 'signal' : 'signals'} ${inWords(signals, 'and')}.`]),
      readme.example,
      ['| reason | when |', '|---|---|', ...readme.reasons].join('\n'),
      `More: [${policy.type}](${readme.link})`,
    ].join('\n\n');
  });
  return page(POLICIES_HEAD, policies, entries);
}

/** Signals it needs under the options in its README, or with one option changed. */
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

/** The options of every policy of a type in a document, without a binding's keys. */
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

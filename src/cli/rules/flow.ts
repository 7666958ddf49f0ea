/** `doorward flow …`: the flows as lists, as text and as diagrams. */
import { Command } from 'commander';
import type { PolicySet } from '../../core/policy/policy.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import { englishOf } from '../../core/values/message.ts';
import {
  type CommonOptions,
  configured,
  runner,
  type Shell,
  withLoaded,
} from '../shell/command.ts';
import type { CommandContext, ExitCode } from '../shell/context.ts';
import { declined, plainText, printJson } from '../shell/output.ts';
import { textTable } from '../shell/table.ts';
import { flowGraph } from './flow-graph.ts';

interface FlowOptions extends CommonOptions {
  readonly json?: boolean;
}

export function flowCommand(shell: Shell): Command {
  const flow = new Command('flow').description('list, show, and draw flows');
  flow.addCommand(
    configured('list', 'list the flows')
      .option('--json', 'print as JSON')
      .action(runner(shell, list)),
  );
  flow.addCommand(
    configured('show', 'show one flow, stage by stage')
      .argument('<name>', 'name of the flow')
      .option('--json', 'print as JSON')
      .action(
        runner(shell, (context, name: string, options: FlowOptions) =>
          withFlow(context, options, name, (found) => {
            if (options.json === true) printJson(context, publicFlow(found));
            else context.terminal.out(describe(found));
          }),
        ),
      ),
  );
  flow.addCommand(
    configured('graph', 'print one flow as a Mermaid diagram')
      .argument('<name>', 'name of the flow')
      .action(
        runner(shell, (context, name: string, options: CommonOptions) =>
          withFlow(context, options, name, (found, names) =>
            context.terminal.out(flowGraph(found, names)),
          ),
        ),
      ),
  );
  return flow;
}

async function list(context: CommandContext, options: FlowOptions): Promise<ExitCode> {
  return withLoaded(context, options, async ({ snapshot }) => {
    const flows = [...snapshot.flows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (options.json === true) printJson(context, flows.map(publicFlow));
    else {
      const rows = flows.map((f) => [
        f.name,
        englishOf(f.title),
        f.designation,
        f.requires,
        f.stages.map((s) => s.id).join(' → '),
      ]);
      context.terminal.out(
        textTable([['NAME', 'TITLE', 'DESIGNATION', 'REQUIRES', 'STAGES'], ...rows]),
      );
    }
    return 0;
  });
}

async function withFlow(
  context: CommandContext,
  options: CommonOptions,
  name: string,
  print: (flow: Flow, there: ReadonlySet<string>) => void,
): Promise<ExitCode> {
  return withLoaded(context, options, async ({ snapshot }) => {
    const found = snapshot.flows.get(name);
    if (found === undefined) {
      const known = [...snapshot.flows.keys()].sort().join(', ');
      return declined(context, `no flow ${plainText(name)}; available: ${known}`);
    }
    print(found, new Set(snapshot.flows.keys()));
    return 0;
  });
}

function describe(flow: Flow): string {
  const lines = [
    `${flow.name}: ${englishOf(flow.title)}`,
    `  designation  ${flow.designation}`,
    `  requires     ${flow.requires}`,
    ...gateLines('  ', 'may be run by', flow.policies),
    ...deniedLines(flow),
    ...textLines(flow),
    ...flow.stages.flatMap((stage, i) => stageLines(stage, i + 1)),
  ];
  return lines.map((line) => `${plainText(line)}\n`).join('');
}

/** What users see when the flow does not admit them; empty if it admits everyone. */
function deniedLines({ denied: { action, text }, policies: gate, requires }: Flow): string[] {
  if (gate.bindings.length === 0 && requires !== 'anonymous') return [];
  const shown = text === null ? '' : `: ${JSON.stringify(englishOf(text))}`;
  return [`  denied       ${action}${shown}`];
}

function textLines({ texts }: Flow): string[] {
  return [...texts].map(
    ([key, text]) => `  text         ${key}: ${JSON.stringify(englishOf(text))}`,
  );
}

function stageLines(binding: StageBinding, place: number): string[] {
  const { type } = binding.stage;
  const title = binding.id === type ? type : `${binding.id} (${type})`;
  return [
    `  ${place}. ${title}  ${binding.at}`,
    ...optionLines(shownOptions(binding)),
    ...gateLines('     ', 'only when', binding.policies),
    ...(binding.onInvalid === 'retry' ? [] : [`     on a refused answer: ${binding.onInvalid}`]),
  ];
}

function optionLines(options: object): string[] {
  return Object.entries(options).map(([key, value]) => `     ${key}: ${JSON.stringify(value)}`);
}

function gateLines(indent: string, words: string, gate: PolicySet): string[] {
  if (gate.bindings.length === 0) return [];
  const joint = gate.match === 'all' ? 'every one of' : 'any of';
  const names = gate.bindings.map((b) => (b.negate ? `not ${b.name}` : b.name));
  return [`${indent}${words} ${joint}: ${names.join(', ')}`];
}

function publicFlow(flow: Flow): object {
  return {
    name: flow.name,
    title: flow.title,
    designation: flow.designation,
    requires: flow.requires,
    policies: flow.policies.bindings.map((b) => b.name),
    denied: flow.denied,
    texts: Object.fromEntries(flow.texts),
    stages: flow.stages.map((s) => ({
      id: s.id,
      type: s.stage.type,
      options: shownOptions(s),
      policies: s.policies.bindings.map((b) => b.name),
      on_invalid: s.onInvalid,
      at: s.at,
    })),
  };
}

/** Options as they were parsed, without those that hold secrets. */
function shownOptions({ stage, config }: StageBinding): object {
  const hidden = stage.hides ?? [];
  const entries = Object.entries(config as object);
  return Object.fromEntries(entries.filter(([name]) => !hidden.includes(name)));
}

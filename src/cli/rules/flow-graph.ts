/** A flow as a Mermaid diagram: stages in order, what leaves one out or is put in, where it leads. */

import type { Binding, PolicySet } from '../../core/policy/policy.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import { englishOf } from '../../core/values/message.ts';

/** The diagram, ending with a line end. `there`: the flows there are; a link to any other is not shown on pages either. */
export function flowGraph(flow: Flow, there: ReadonlySet<string>): string {
  const lines = [
    'flowchart TD',
    `  start([${label(`${englishOf(flow.title)}: ${flow.requires}`)}])`,
  ];
  let from = 'start';
  if (flow.policies.bindings.length > 0) {
    lines.push(`  admitted{${label(gateText(flow.policies))}}`, `  ${from} --> admitted`);
    lines.push(
      `  refused([${label(refusedText(flow))}])`,
      ...refusalEdges('admitted', flow.policies),
    );
    from = 'admitted -->|yes|';
  }
  let pending = [from];
  for (const [index, stage] of flow.stages.entries()) {
    const node = `s${index}`;
    const gate = stageGate(stage, index);
    lines.push(`  ${node}[${label(stageText(stage))}]`, ...gate.lines);
    lines.push(...pending.map((source) => edge(source, gate.enter)));
    if (gate.enter !== node) lines.push(`  ${gate.enter} -->|yes| ${node}`);
    lines.push(...invalidEdge(stage, node, index), ...insertedEdges(stage, node));
    lines.push(...jumps(stage).map((name) => `  ${node} -->|leads to| ${remedy(name)}`));
    lines.push(...links(stage, there).map((name) => `  ${node} -.->|links to| ${remedy(name)}`));
    const on = stage.stage.leads?.isEnd === true ? [] : [node];
    pending = gate.enter === node ? on : [...on, `${gate.enter} -->|no, left out|`];
  }
  if (pending.length > 0) lines.push(`  done([${label('done')}])`);
  lines.push(...pending.map((source) => edge(source, 'done')));
  return lines.map((line) => `${line}\n`).join('');
}

function stageGate(stage: StageBinding, index: number): { enter: string; lines: string[] } {
  if (stage.policies.bindings.length === 0) return { enter: `s${index}`, lines: [] };
  const lines = [`  p${index}{${label(gateText(stage.policies))}}`];
  for (const flow of remedies(stage.policies))
    lines.push(`  p${index} -.->|otherwise| ${remedy(flow)}`);
  return { enter: `p${index}`, lines };
}

function refusalEdges(node: string, gate: PolicySet): string[] {
  const flows = remedies(gate);
  return [
    `  ${node} -->|no| refused`,
    ...flows.map((flow) => `  ${node} -.->|otherwise| ${remedy(flow)}`),
  ];
}

function refusedText({ denied: { action } }: Flow): string {
  if (action === 'message') return 'not admitted';
  return action === 'continue' ? 'not admitted, sent on' : 'not admitted, with a way on';
}

function remedies(gate: PolicySet): string[] {
  const named = gate.bindings.map((b) => b.otherwise).filter((flow) => flow !== null);
  return [...new Set(named)];
}

function remedy(flow: string): string {
  return `flow_${flow.replace(/[^A-Za-z0-9]/g, '_')}([${label(`flow ${flow}`)}])`;
}

function invalidEdge(stage: StageBinding, node: string, index: number): string[] {
  if (stage.onInvalid === 'retry' || index === 0) return [];
  const words =
    stage.onInvalid === 'restart' ? 'refused: start again' : 'refused: start again, keep who';
  return [`  ${node} -.->|${words}| s0`];
}

function jumps({ stage, config }: StageBinding): readonly string[] {
  return stage.leads?.flows?.(config) ?? [];
}

/** Flows that its pages show a link to. */
function links({ stage, config }: StageBinding, there: ReadonlySet<string>): readonly string[] {
  const named = (stage.leads?.links?.(config) ?? []).map(({ flow }) => flow);
  return [...new Set(named)].filter((flow) => there.has(flow));
}

/** Stages it may put in before itself, and come back from. */
function insertedEdges({ stage, config }: StageBinding, node: string): string[] {
  const types = (stage.inserts?.(config) ?? []).map((one) => one.type);
  return types.flatMap((type, place) => [
    `  ${node}_${place}[${label(type)}]`,
    `  ${node} -.->|may put in| ${node}_${place}`,
    `  ${node}_${place} -.-> ${node}`,
  ]);
}

function edge(source: string, target: string): string {
  return source.endsWith('|') ? `  ${source} ${target}` : `  ${source} --> ${target}`;
}

function stageText(stage: StageBinding): string {
  return stage.id === stage.stage.type ? stage.id : `${stage.id} (${stage.stage.type})`;
}

function gateText(gate: PolicySet): string {
  return gate.bindings.map(bindingText).join(gate.match === 'all' ? ' and ' : ' or ');
}

function bindingText(binding: Binding): string {
  const text = binding.negate ? `not ${binding.name}` : binding.name;
  return binding.dryRun ? `${text} (dry run)` : text;
}

/** Quoted, so that nothing in a title is read as Mermaid or HTML. */
function label(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} .,:;!?()/_-]/gu, (char) => `#${char.codePointAt(0)};`);
  return `"${safe}"`;
}

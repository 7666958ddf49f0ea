/** Reads the shipped flows and the operator's own: one file for each flow. */
import { basename, extname, resolve } from 'node:path';
import { emptySource, type FlowSource, type Source } from '../faults/source.ts';
import { flowSchema } from '../schema/flow-schema.ts';
import { assembled, type Files, readSource, readYaml, shownPath, yamlFilesIn } from './files.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** Largest flow file, in bytes. */
const MAX_FLOW_BYTES = 256 * 1024;
/** Most flow files of a directory. */
const MAX_FLOWS = 200;

/** A flow that ships with the gateway. */
export interface ShippedFlow {
  readonly name: string;
  /** The file as faults and traces name it. Absolute if it is on disk. */
  readonly path: string;
  readonly text: string;
}

/** All flows. A flow of the operator replaces the shipped flow of the same name. */
export async function readFlows(
  main: Source,
  shipped: readonly ShippedFlow[],
  files: Files,
): Promise<readonly FlowSource[]> {
  const value = fieldsOf(main.value);
  const own = typeof value.flows === 'string' ? resolve(files.base, value.flows) : null;
  const isAlone = value.flows_only === true;
  if (isAlone && own === null) {
    files.faults.push(main.fault(['flows_only'], 'needs flows, the directory of your own flows'));
  }
  const flows = new Map<string, FlowSource>();
  for (const { name, path, text } of isAlone ? [] : shipped) {
    const read = await readYaml(shownPath(path, files.cwd), text, files);
    flows.set(name, { name, isShipped: true, source: await linked(read, files) });
  }
  for (const flow of own === null ? [] : await readDirectory(own, main, files)) {
    flows.set(flow.name, flow);
  }
  return [...flows.values()];
}

async function readDirectory(
  path: string,
  main: Source,
  files: Files,
): Promise<readonly FlowSource[]> {
  const flows: FlowSource[] = [];
  const limits = { option: 'flows', most: MAX_FLOWS };
  for (const file of await yamlFilesIn(path, limits, main, files)) {
    const name = basename(file.path, extname(file.path));
    if (flows.some((flow) => flow.name === name)) {
      const message = `duplicate flow ${name}: another file has the same name; keep one of them`;
      files.faults.push(emptySource(file.shown).fault([], message));
      continue;
    }
    const read = await readSource(file, MAX_FLOW_BYTES, files);
    flows.push({ name, isShipped: false, source: await linked(read, files) });
  }
  return flows;
}

async function linked(read: Source | null, files: Files): Promise<Source | null> {
  const assembly = { schema: flowSchema, slots: () => [], overrides: [] };
  return read === null ? null : assembled(read, assembly, files);
}

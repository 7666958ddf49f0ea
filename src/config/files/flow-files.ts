/** Reads the shipped flows and the operator's own: one file for each flow. */
import { basename, extname, resolve } from 'node:path';
import { emptySource, type FlowSource, type Source } from '../faults/source.ts';
import { flowSchema } from '../schema/flow-schema.ts';
import { assembled, type Files, readSource, yamlFilesIn } from './files.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** Largest flow file, in bytes. */
const MAX_FLOW_BYTES = 256 * 1024;
/** Most flow files of a directory. */
const MAX_FLOWS = 200;

/** All flows. A flow of the operator replaces the shipped flow of the same name. */
export async function readFlows(
  main: Source,
  shipped: string,
  files: Files,
): Promise<readonly FlowSource[]> {
  const value = fieldsOf(main.value);
  const own = typeof value.flows === 'string' ? resolve(files.base, value.flows) : null;
  const isAlone = value.flows_only === true;
  if (isAlone && own === null) {
    files.faults.push(main.fault(['flows_only'], 'needs flows, the directory of your own flows'));
  }
  const flows = new Map<string, FlowSource>();
  const directories = [isAlone ? null : shipped, own].filter((path) => path !== null);
  for (const path of new Set(directories)) {
    const found = await readDirectory({ path, isShipped: path === shipped }, main, files);
    for (const flow of found) flows.set(flow.name, flow);
  }
  return [...flows.values()];
}

async function readDirectory(
  { path, isShipped }: { readonly path: string; readonly isShipped: boolean },
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
    const assembly = { schema: flowSchema, slots: () => [], overrides: [] };
    const source = read === null ? null : await assembled(read, assembly, files);
    flows.push({ name, isShipped, source });
  }
  return flows;
}

/** JSON Schemas for editors, made from the schemas that files are parsed with. */
import { z } from 'zod';
import { bindingSchema, definitionSchema, groupSchema } from './binding-schema.ts';
import { flowSchema, stageBindingSchema } from './flow-schema.ts';
import type { Lists } from '../settings/lists.ts';
import { configSchema, mailTemplates } from './schema.ts';
import { sourceSchema } from './options/source-schema.ts';
import { fieldsOf, isRecord, valueAt } from '../../core/values/record.ts';

/** A JSON Schema, draft 7: the newest that common YAML editors support. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const REFERENCE: JsonSchema = { $ref: '#/definitions/binding' };

/** The JSON Schema of the main file. */
export function configJsonSchema(lists: Lists): JsonSchema {
  const schema = jsonSchema(configSchema);
  const binding = bindingOf(lists, propertiesOf(bindingSchema));
  const definition = bindingOf(lists, propertiesOf(definitionSchema));
  const directories = lists.directories.map((kind) => typed(kind, {}));
  const { type: _type, anyOf: _anyOf, ...state } = partOf(schema, ['properties', 'state']);
  const stores = lists.stores.map((kind) => bare(jsonSchema(kind.config)));
  const templates = { templates: bare(jsonSchema(mailTemplates)) };
  const mailers = lists.mailers.map((kind) => typed(kind, templates));
  const { description } = partOf(schema, ['properties', 'mail']);
  const sources = lists.sources.map((kind) => typed(kind, ownOfSources()));
  const signals = signalsOf(lists, partOf(schema, ['properties', 'signals']));
  const route = ['routes', 'items', 'properties'];
  const path = [...route, 'paths', 'items', 'properties'];
  const properties = withParts(partOf(schema, ['properties']), [
    [['directories', 'items'], { oneOf: directories }],
    [['state'], { ...state, anyOf: stores }],
    [['mail'], { description, oneOf: mailers }],
    [['policies', 'additionalProperties'], definition],
    [['sources', 'additionalProperties'], { oneOf: sources }],
    [['signals'], signals],
    [[...route, 'policies', 'items'], REFERENCE],
    [[...route, 'public_if', 'items'], REFERENCE],
    [[...path, 'policies', 'items'], REFERENCE],
    [[...path, 'public_if', 'items'], REFERENCE],
  ]);
  return { ...schema, properties, title: 'Doorward configuration', definitions: { binding } };
}

/** The JSON Schema of a flow file. */
export function flowJsonSchema(lists: Lists): JsonSchema {
  const schema = jsonSchema(flowSchema);
  const own = withParts(propertiesOf(stageBindingSchema), [[['policies', 'items'], REFERENCE]]);
  const { otherwise: _, ...keys } = propertiesOf(bindingSchema);
  const binding = bindingOf(lists, keys);
  const texts = [...lists.stages.map((stage) => stage.texts), lists.texts];
  const known = texts.flatMap(({ en }) => Object.keys(en));
  const stages = lists.stages.map((stage) => evaluating(typed(stage, own)));
  const properties = withParts(partOf(schema, ['properties']), [
    [['policies', 'items'], REFERENCE],
    [['texts', 'propertyNames'], { enum: known }],
    [['stages', 'items'], { oneOf: stages }],
  ]);
  return { ...schema, properties, title: 'Doorward flow', definitions: { binding } };
}

/** The generated files, by their path in the repository. */
export function schemaFiles(lists: Lists): ReadonlyMap<string, string> {
  return new Map([
    ['docs/schema/config.json', `${JSON.stringify(configJsonSchema(lists), null, 2)}\n`],
    ['docs/schema/flow.json', `${JSON.stringify(flowJsonSchema(lists), null, 2)}\n`],
  ]);
}

/** The options of every source. */
function ownOfSources(): JsonSchema {
  return withParts(propertiesOf(sourceSchema), [[['admit', 'items'], REFERENCE]]);
}

/** Signals by name, each with its options. */
function signalsOf(lists: Lists, { description, default: none }: JsonSchema): JsonSchema {
  const properties = Object.fromEntries(
    lists.signals.map(({ name, config }) => [
      name,
      { description: `Options of the signal ${name}.`, ...bare(jsonSchema(config)) },
    ]),
  );
  return { description, default: none, type: 'object', properties, additionalProperties: false };
}

/** Lists of open objects in the options of a stage become lists of policy bindings. */
function evaluating(schema: JsonSchema): JsonSchema {
  if (!isRecord(schema.properties)) return schema;
  const properties = Object.entries(schema.properties).map(([name, option]) => {
    const { type, items } = fieldsOf(option);
    const isAnything = isRecord(items) && items.type === 'object' && items.properties === undefined;
    return [
      name,
      type === 'array' && isAnything ? { ...fieldsOf(option), items: REFERENCE } : option,
    ];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
}

/** The schemas of an object's keys. */
function propertiesOf(schema: z.ZodType): JsonSchema {
  return partOf(jsonSchema(schema), ['properties']);
}

/** A policy with its options, or a named policy; both with the keys of a binding. */
function bindingOf(lists: Lists, keys: JsonSchema): JsonSchema {
  const named = {
    type: 'object',
    properties: { name: { type: 'string', description: 'A named policy.' }, ...keys },
    required: ['name'],
    additionalProperties: false,
  };
  const groups = groupsOf(keys);
  return { oneOf: [...lists.policies.map((policy) => typed(policy, keys)), named, ...groups] };
}

/** A list of bindings in place of a policy, with the keys of a binding. */
function groupsOf(keys: JsonSchema): readonly JsonSchema[] {
  return Object.entries(propertiesOf(groupSchema)).map(([match, list]) => ({
    type: 'object',
    properties: { [match]: { ...fieldsOf(list), items: REFERENCE }, ...keys },
    required: [match],
    additionalProperties: false,
  }));
}

/** The options of a plug-in with its `type` and the keys of the place where it is used. */
function typed(
  plugin: { readonly type: string; readonly config: z.ZodType },
  own: JsonSchema,
): JsonSchema {
  return withType(bare(jsonSchema(plugin.config)), plugin.type, own);
}

function withType(schema: JsonSchema, type: string, own: JsonSchema): JsonSchema {
  for (const key of ['anyOf', 'oneOf']) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    return { ...schema, [key]: branches.map((branch: JsonSchema) => withType(branch, type, own)) };
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  return {
    ...schema,
    type: 'object',
    properties: { type: { const: type }, ...own, ...fieldsOf(schema.properties) },
    required: ['type', ...required],
    additionalProperties: false,
  };
}

function bare(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}

/** The schema at a path. Throws a TypeError if there is none. */
function partOf(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const part = valueAt(schema, path);
  if (!isRecord(part)) throw new TypeError(`no schema at ${path.join('.')}`);
  return part;
}

/** A copy of the schema with other parts. Throws a TypeError if a part belongs to no schema. */
function withParts(
  schema: JsonSchema,
  parts: readonly (readonly [path: readonly string[], part: JsonSchema])[],
): JsonSchema {
  return parts.reduce((changed, [path, part]) => withPart(changed, path, part), schema);
}

function withPart(schema: JsonSchema, path: readonly string[], part: JsonSchema): JsonSchema {
  const [key, ...rest] = path;
  if (key === undefined) return part;
  const inner = rest.length === 0 ? {} : partOf(schema, [key]);
  return { ...schema, [key]: withPart(inner, rest, part) };
}

/** JSON Schemas for editors, made from the schemas that files are parsed with. */
import { z } from 'zod';
import { bindingSchema, definitionSchema, groupSchema } from './binding-schema.ts';
import { flowSchema, stageBindingSchema } from './flow-schema.ts';
import type { Lists } from '../settings/lists.ts';
import { configSchema, mailTemplates } from './schema.ts';

/** A JSON Schema, draft 7: the newest that common YAML editors support. */
export type JsonSchema = { [key: string]: unknown };

/** The JSON Schema of the main file. */
export function configJsonSchema(lists: Lists): JsonSchema {
  const schema = jsonSchema(configSchema);
  const binding = bindingOf(lists, jsonSchema(bindingSchema));
  const definition = bindingOf(lists, jsonSchema(definitionSchema));
  const properties = schema.properties as Record<string, JsonSchema>;
  const directories = lists.directories.map((kind) => typed(kind, {}));
  put(properties, ['directories', 'items'], { oneOf: directories });
  const { type: _type, anyOf: _anyOf, ...state } = properties.state as JsonSchema;
  properties.state = { ...state, anyOf: lists.stores.map((kind) => bare(jsonSchema(kind.config))) };
  const templates = { templates: bare(jsonSchema(mailTemplates)) };
  const mailers = lists.mailers.map((kind) => typed(kind, templates));
  properties.mail = { description: (properties.mail as JsonSchema).description, oneOf: mailers };
  put(properties, ['policies', 'additionalProperties'], definition);
  properties.signals = signalsOf(lists, properties.signals as JsonSchema);
  const items = ['routes', 'items', 'properties'];
  const reference = { $ref: '#/definitions/binding' };
  put(properties, [...items, 'policies', 'items'], reference);
  put(properties, [...items, 'paths', 'items', 'properties', 'policies', 'items'], reference);
  return { ...schema, title: 'Doorward configuration', definitions: { binding } };
}

/** The JSON Schema of a flow file. */
export function flowJsonSchema(lists: Lists): JsonSchema {
  const schema = jsonSchema(flowSchema);
  const properties = schema.properties as Record<string, JsonSchema>;
  const own = jsonSchema(stageBindingSchema).properties as Record<string, JsonSchema>;
  const { otherwise: _, ...keys } = jsonSchema(bindingSchema).properties as Record<string, unknown>;
  const binding = bindingOf(lists, { properties: keys });
  const reference = { $ref: '#/definitions/binding' };
  put(own, ['policies', 'items'], reference);
  put(properties, ['policies', 'items'], reference);
  const texts = [...lists.stages.map((stage) => stage.texts), lists.texts];
  const known = texts.flatMap(({ en }) => Object.keys(en));
  put(properties, ['texts', 'propertyNames'], { enum: known });
  const stages = lists.stages.map((stage) => evaluating(typed(stage, own), reference));
  put(properties, ['stages', 'items'], { oneOf: stages });
  return { ...schema, title: 'Doorward flow', definitions: { binding } };
}

/** The generated files, by their path in the repository. */
export function schemaFiles(lists: Lists): ReadonlyMap<string, string> {
  return new Map([
    ['docs/schema/config.json', `${JSON.stringify(configJsonSchema(lists), null, 2)}\n`],
    ['docs/schema/flow.json', `${JSON.stringify(flowJsonSchema(lists), null, 2)}\n`],
  ]);
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
function evaluating(schema: JsonSchema, reference: JsonSchema): JsonSchema {
  const properties = schema.properties as Record<string, JsonSchema> | undefined;
  for (const option of Object.values(properties ?? {})) {
    const items = option.items as JsonSchema | undefined;
    const isAnything = items?.type === 'object' && items.properties === undefined;
    if (option.type === 'array' && isAnything) option.items = reference;
  }
  return schema;
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
}

/** A policy with its options, or a named policy; both with the keys of a binding. */
function bindingOf(lists: Lists, own: JsonSchema): JsonSchema {
  const keys = own.properties as Record<string, unknown>;
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
function groupsOf(keys: Readonly<Record<string, unknown>>): readonly JsonSchema[] {
  const lists = jsonSchema(groupSchema).properties as Record<string, JsonSchema>;
  return Object.entries(lists).map(([match, list]) => ({
    type: 'object',
    properties: { [match]: { ...list, items: { $ref: '#/definitions/binding' } }, ...keys },
    required: [match],
    additionalProperties: false,
  }));
}

/** The options of a plug-in with its `type` and the keys of the place where it is used. */
function typed(
  plugin: { readonly type: string; readonly config: z.ZodType },
  own: Readonly<Record<string, unknown>>,
): JsonSchema {
  return withType(bare(jsonSchema(plugin.config)), plugin.type, own);
}

function withType(
  schema: JsonSchema,
  type: string,
  own: Readonly<Record<string, unknown>>,
): JsonSchema {
  for (const key of ['anyOf', 'oneOf']) {
    const branches = schema[key];
    if (!Array.isArray(branches)) continue;
    return { ...schema, [key]: branches.map((branch: JsonSchema) => withType(branch, type, own)) };
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  return {
    ...schema,
    type: 'object',
    properties: { type: { const: type }, ...own, ...(schema.properties as object | undefined) },
    required: ['type', ...required],
    additionalProperties: false,
  };
}

function bare(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}

function put(target: Record<string, JsonSchema>, path: readonly string[], value: JsonSchema): void {
  let at: JsonSchema = target;
  for (const key of path.slice(0, -1)) at = at[key] as JsonSchema;
  at[path.at(-1) as string] = value;
}

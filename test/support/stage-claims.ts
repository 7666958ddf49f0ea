/**
 * What a stage requires and provides under its options, tried out: with its example, and with each
 * value of an option.
 */
import { parse } from 'yaml';
import type { AnyStage } from '../../src/core/flow/stage.ts';
import { branchesOf, code, inWords, type Shape, shapeOf } from './option-table.ts';
import { authority } from './certificate.ts';
import type { Readme } from './readme.ts';

/** A stage as operators write it. */
type StageWords = Readonly<Record<string, unknown>> & { readonly type: string };

/** The stage as its README shows it, without the keys of its binding. */
export function exampleOf(stage: AnyStage, readme: Readme): Readonly<Record<string, unknown>> {
  const { stages } = parse(readme.yaml) as { readonly stages: readonly StageWords[] };
  const shown = stages.find((one) => one.type === stage.type);
  if (shown === undefined) throw new Error(`${readme.link} shows no stage of its own`);
  const { type: _type, id: _id, policies: _p, match: _m, on_invalid: _o, ...options } = shown;
  return withFiles(options);
}

/** As the loader replaces `${file:…}`: for certificates, with one of an authority. */
function withFiles(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).map(([key, value]) => {
    const isFile = typeof value === 'string' && /^\$\{file:[^}]+\.pem\}$/.test(value);
    return [key, isFile ? authority().pem : value];
  });
  return Object.fromEntries(entries);
}

interface Claim {
  readonly option: string;
  readonly text: string;
}

/** Lines on what it requires and provides; a difference under an option has a line of its own. */
export function claimLines(stage: AnyStage, readme: Readme): readonly string[] {
  const example = exampleOf(stage, readme);
  const plain = stage.config.safeParse({}).success ? {} : example;
  const base = claimsText(stage, plain);
  const others = variations(shapeOf(stage.config)).flatMap(([name, value]): Claim[] => {
    const options = { ...plain, [name]: value };
    if (plain[name] === value || !stage.config.safeParse(options).success) return [];
    return [{ option: `\`${name}: ${code(value).slice(1)}`, text: claimsText(stage, options) }];
  });
  const texts = [...new Set(others.map((one) => one.text))].filter((text) => text !== base);
  const lines = texts.map((text) => {
    const options = others.filter((one) => one.text === text).map((one) => one.option);
    return `With ${inWords(options)}: ${lowerFirst(text)}`;
  });
  return [base, ...lines];
}

/** Each value of an option that has few. */
export function variations(shape: Shape): readonly [string, unknown][] {
  return branchesOf(shape)
    .flatMap((branch) => Object.entries(branch.properties ?? {}))
    .flatMap(([name, one]) => valuesOf(one).map((v): [string, unknown] => [name, v]));
}

function valuesOf({ type, enum: values, items }: Shape): readonly unknown[] {
  if (type === 'boolean') return [true, false];
  return values ?? items?.enum?.map((value) => [value]) ?? [];
}

function claimsText(stage: AnyStage, options: unknown): string {
  const config: unknown = stage.config.parse(options);
  const { wants, gives, mayProve } = stage.claims(config);
  const inserted = stage.inserts?.(config).map((one) => one.type) ?? [];
  const parts = [
    wants.length === 0 ? 'Needs nothing' : `Needs ${list(wants)}`,
    gives.length === 0 ? 'gives nothing for certain' : `gives ${list(gives)}`,
    ...(mayProve === true ? ['counts as a proof when completed'] : []),
    ...(inserted.length === 0 ? [] : [`can insert ${list(inserted)}`]),
    ...(stage.needs?.mailer?.(config) === true ? ['sends emails'] : []),
  ];
  return `${parts.join('; ')}.`;
}

function list(words: readonly string[]): string {
  return inWords(
    [...new Set(words)].map((word) => `\`${word}\``),
    'and',
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Proving a user by an account at a source, the same for every stage that offers sources. */
import type { Field } from '../flow/challenge.ts';
import type { Subject } from '../people/subject.ts';
import { namedSources, type SourceNames, type Sources, titleOf } from '../sources/source-rule.ts';
import { KEPT_KEY } from '../sources/source-session.ts';
import type { Message } from '../values/message.ts';
import { linkByPassword } from './source-password.ts';
import {
  FORGOTTEN,
  pendingOf,
  proveVouched,
  rejected,
  SOURCE_KEY,
  type SourceContext,
  type SourceStep,
} from './source-step.ts';
import { returnFromSource, visitSource } from './source-visit.ts';

/** What a stage that offers sources accepts beside its own fields. */
export interface SourceSubmission {
  /** The source that the user chose. */
  readonly source?: string | undefined;
  /** The answer of a source. */
  readonly back?: string | undefined;
  /** For the page that links an account. */
  readonly password?: string | undefined;
}

/** Handles the part of a submission that is about sources; null if there is none. */
export function sourceStep(
  ctx: SourceContext,
  { source, back, password }: SourceSubmission,
  offered: SourceNames,
): Promise<SourceStep | null> {
  if (back !== undefined) return returnFromSource(ctx, back);
  if (source !== undefined) {
    const isOffered = offered === 'all' || offered.includes(source);
    return isOffered ? visitSource(ctx, source) : Promise.resolve(null);
  }
  return password === undefined ? completeSource(ctx) : linkByPassword(ctx, password);
}

/** Proves the user of the account that this submission vouched for; null without one. */
async function completeSource(ctx: SourceContext): Promise<SourceStep | null> {
  const pending = pendingOf(ctx.learned);
  if (pending === null || pending.userId !== null) return null;
  const { source } = pending;
  const configured = ctx.ports.sources.find(source);
  const link = await ctx.ports.links.sourceLink(pending);
  const user = link === null ? null : await ctx.ports.directories.read(link.userId);
  if (configured === null || user === null) return rejected('source/not-linked', configured);
  const subject: Subject = { login: user.name, userId: user.id };
  if (ctx.subject !== null && ctx.subject.userId !== user.id) {
    return rejected('source/other-user', configured);
  }
  const proof = await proveVouched(ctx, subject, pending);
  if (proof.kind === 'rejected') return proof;
  return {
    kind: 'pass',
    ...(ctx.subject === null ? { identified: subject } : {}),
    proved: proof.proved,
    learned: { ...FORGOTTEN, [SOURCE_KEY]: true, [KEPT_KEY]: { ...pending.kept } },
  };
}

/** A button for each source; nothing without sources. `button`: the key of its text, with `{source}`. */
export function sourceButtons(
  sources: Sources,
  names: SourceNames,
  {
    label,
    button,
    required,
  }: {
    readonly label: Message;
    readonly button: string;
    readonly required: boolean;
  },
): readonly Field[] {
  const options = namedSources(sources, names).map((one) => ({
    value: one.rule.name,
    label: { key: button, values: { source: titleOf(one) } },
    mark: one.rule.mark ?? one.source.mark,
  }));
  return options.length === 0 ? [] : [{ kind: 'choice', name: 'source', label, options, required }];
}

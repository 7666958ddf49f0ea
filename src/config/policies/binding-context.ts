/** What the place of a binding allows: a flow that remedies a failed policy, and a field it is about. */
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { type Compiled, isGroup, type PolicyTools, type Raw } from './compiled.ts';

/** Notes that a flow named by `otherwise` is used, and which permissions it must ask for. */
type NoteRemedy = (flow: string, spot: Spot, permissions: readonly string[] | null) => void;

/** Where bindings are used. */
export interface BindingContext {
  /** Prefix of the path in `Binding.at`. */
  readonly prefix: string;
  /** A text says why there is no remedy here. */
  readonly remedy: NoteRemedy | string;
  /** Fields of the submission that a binding may be about; left out where no submission is evaluated. */
  readonly fields?: readonly string[];
  /** The bindings open a path to anonymous visitors if they pass. */
  readonly isCondition?: true;
}

/** Named policies are defined in no particular place; what depends on the place is stated where they are used. */
export const DEFINITION: BindingContext = {
  prefix: '',
  remedy: 'set otherwise on the route where the policy is used',
};

/** Notes the remedy of a binding, or its fault. */
export function checkRemedy(
  otherwise: string | undefined,
  permissions: readonly string[] | null,
  at: Spot,
  { remedy }: BindingContext,
): void {
  if (otherwise === undefined) return;
  const spot = below(at, 'otherwise');
  if (typeof remedy === 'string') blame(spot, remedy, null, 'key');
  else remedy(otherwise, spot, permissions);
}

/**
 * The field that a binding is about; null for none, and after a fault. `about`: the
 * field of the policy if the binding names none.
 */
export function fieldAt(
  named: string | undefined,
  about: string | null,
  at: Spot,
  { fields }: BindingContext,
): string | null {
  const spot = below(at, 'field');
  if (named !== undefined) {
    if (fields === undefined) blame(spot, 'only where a submission is evaluated', null, 'key');
    else if (!fields.includes(named)) {
      const expected = `no such field, expected one of ${fields.join(', ')}`;
      blame(spot, expected, suggest(named, fields));
    }
    return named;
  }
  if (about === null || fields?.includes(about) === true) return about;
  if (fields === undefined) blame(at, 'evaluates a submission, and there is none here');
  else blame(spot, `missing, expected one of ${fields.join(', ')}`);
  return null;
}

/** Only submissions are answered with a text of the binding's own. */
export function checkMessage(
  message: unknown,
  at: Spot,
  { fields }: Pick<BindingContext, 'fields'>,
): void {
  if (message === undefined || fields !== undefined) return;
  blame(below(at, 'message'), 'only where a submission is evaluated', null, 'key');
}

/**
 * A condition must not depend on the user, who is unknown, nor contain a dry run, which never
 * decides. The members of a group written in place are checked one by one.
 */
export function checkCondition(
  { kinds }: Pick<PolicyTools, 'kinds'>,
  binding: { readonly raw: Raw; readonly compiled: Compiled; readonly dryRun: boolean },
  at: Spot,
  { isCondition }: BindingContext,
): void {
  if (isCondition !== true) return;
  const { raw, compiled, dryRun } = binding;
  if (dryRun) blame(below(at, 'dry_run'), 'a dry run opens nothing; remove it', null, 'key');
  if (isGroup(raw)) return;
  const spot = below(at, raw.name === undefined ? 'type' : 'name');
  if (compiled.needsUser) {
    const types = kinds.filter(({ withoutUser }) => withoutUser === true).map(({ type }) => type);
    blame(spot, `can depend on the user; public_if accepts only ${types.join(', ')}`);
  } else if (hasDryRun(compiled.evaluate)) {
    blame(spot, 'contains a dry run, which opens nothing');
  }
}

function hasDryRun(evaluate: Compiled['evaluate']): boolean {
  if (typeof evaluate === 'function') return false;
  return evaluate.bindings.some((one) => one.dryRun || hasDryRun(one.evaluate));
}

/** Links `sign_up`: whether strangers can run the shipped flow with which anyone creates an account. */
import type { Flows } from '../flows/uses.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { Adapters } from './adapters.ts';

/** The shipped flow. */
const SIGN_UP = 'sign-up';

/** The flows that visitors can run: without the shipped flow, unless the operator offers it. */
export function withSignUp(
  flows: Flows,
  config: Pick<Config, 'sign_up'>,
  {
    mail,
    directories,
    shipped,
  }: Pick<Adapters, 'mail' | 'directories'> & {
    readonly shipped: ReadonlySet<string>;
  },
  root: Spot,
): Flows {
  if (!config.sign_up) {
    return shipped.has(SIGN_UP) ? new Map([...flows].filter(([name]) => name !== SIGN_UP)) : flows;
  }
  const spot = below(root, 'sign_up');
  if (!flows.has(SIGN_UP)) {
    blame(spot, `there is no flow ${SIGN_UP}, since flows_only leaves the shipped flows out`);
  } else if (mail === null) {
    blame(spot, 'sends email, and there is no mail', 'mail: { type: smtp, host: …, from: … }');
  } else if (!directories.some(({ kind }) => kind.type === 'embedded')) {
    blame(
      spot,
      'new users need a directory that can be written; add { type: embedded } to directories',
    );
  }
  return flows;
}

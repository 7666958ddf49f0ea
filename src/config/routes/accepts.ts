/** Links the credentials that a rule accepts. */
import { type Accepts, readsAuthorization } from '../../core/routes/accepts.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { PathConfig, RouteConfig } from '../schema/schema.ts';

type Stated = Pick<PathConfig, 'accepts' | 'tokens' | 'basic_passwords'>;

/** What surrounds the options of a route or path. */
interface Around {
  /** Those of the route, for a path. */
  readonly inherited: Stated;
  /** Those of the paths, for a route: they inherit from it. */
  readonly paths: readonly Stated[];
}

/** The options of a rule about credentials. */
interface Credentials {
  readonly accepts: Accepts | null;
  readonly tokensSuffice: boolean;
}

const NO_CREDENTIAL = 'has no effect unless `accepts` contains basic, bearer or certificate';
const NO_SCHEME = 'has no effect unless `accepts` contains basic or bearer';

/** The options of a route or path. One without effect is a fault. */
export function linkCredentials(
  stated: Stated,
  { inherited, paths }: Around,
  at: Spot,
): Credentials {
  const kinds = stated.accepts ?? inherited.accepts ?? ['session'];
  for (const [index, kind] of (stated.accepts ?? []).entries()) {
    if (kinds.indexOf(kind) < index) blame(below(at, 'accepts', index), `duplicate: ${kind}`);
  }
  const used = new Set([...kinds, ...paths.flatMap(({ accepts = [] }) => accepts)]);
  if (stated.tokens === true && used.values().every((kind) => kind === 'session')) {
    blame(below(at, 'tokens'), NO_CREDENTIAL, null, 'key');
  }
  if (stated.basic_passwords === true && !used.has('basic')) {
    blame(
      below(at, 'basic_passwords'),
      'has no effect unless `accepts` contains basic',
      null,
      'key',
    );
  }
  const [basic, bearer] = [kinds.includes('basic'), kinds.includes('bearer')];
  const passwords = basic && (stated.basic_passwords ?? inherited.basic_passwords ?? false);
  const [session, certificate] = [kinds.includes('session'), kinds.includes('certificate')];
  const isMore = basic || bearer || certificate;
  return {
    accepts: isMore ? { session, basic, passwords, bearer, certificate } : null,
    tokensSuffice: stated.tokens ?? inherited.tokens ?? false,
  };
}

/** Whether an Authorization field that Doorward may use stays away from the app. */
export function linkAuthorization(
  { pass_authorization: isPassed }: Pick<RouteConfig, 'pass_authorization'>,
  rules: readonly Pick<Credentials, 'accepts'>[],
  spot: Spot,
): boolean {
  const isRead = readsAuthorization(rules);
  if (isPassed && !isRead) blame(below(spot, 'pass_authorization'), NO_SCHEME, null, 'key');
  return isRead && !isPassed;
}

/** Advice on sources: what to register, and accounts that could be mistaken for one another. */
import type { Advice } from '../core/setup/advice.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';
import type { Settings } from './settings/settings.ts';

/** What the advice is about. */
interface Situation {
  readonly settings: Pick<Settings, 'sources'>;
  readonly snapshot: Pick<Snapshot, 'site' | 'sources' | 'flows'>;
}

/** All advice on sources. */
export function adviceOnSources({ settings, snapshot }: Situation): readonly Advice[] {
  return [...registrations(snapshot), ...confusions(settings.sources)];
}

/** The addresses to register with each provider. */
function registrations({ site, flows, sources }: Situation['snapshot']): readonly Advice[] {
  return [...sources].flatMap(([name, { unknown, admit, signOut }]): readonly Advice[] => {
    const isOpen = unknown.kind !== 'refuse' && admit.bindings.length === 0;
    const open: Advice = {
      path: `sources.${name}.unknown`,
      level: 'note',
      message: 'every account at this provider can get a user here; admit can limit them',
    };
    const offering = [...flows.values()].filter(({ stages }) =>
      stages.some(({ stage, config }) => {
        const { names = [] } = stage.leads?.sources?.(config) ?? {};
        return names === 'all' || names.includes(name);
      }),
    );
    const addresses = offering.map((flow) => `${site.origin}/flow/${flow.name}/back`);
    const registered: Advice =
      addresses.length === 0
        ? {
            path: `sources.${name}`,
            level: 'warning',
            message: 'no flow offers it: add sources to a stage of type identification',
          }
        : {
            path: `sources.${name}`,
            level: 'note',
            message: `register with the provider as redirect address: ${addresses.join(', ')}`,
          };
    const left: Advice = {
      path: `sources.${name}.sign_out`,
      level: 'note',
      message: `register with the provider for the way back from a sign-out: ${site.origin}/source/${name}/signed-out`,
    };
    return [registered, ...(isOpen ? [open] : []), ...(signOut ? [left] : [])];
  });
}

/**
 * Sources that share accounts, but not the field with their ids: the id of one account in the first may
 * be that of another account in the second, which would then sign in as its user.
 */
function confusions(sources: Settings['sources']): readonly Advice[] {
  const all = sources.map(({ name, kind, options }) => ({ name, ...kind.accountsOf(options) }));
  return all.flatMap(({ name, issuers, idField }, index): readonly Advice[] => {
    const other = all
      .slice(0, index)
      .find((one) => one.idField !== idField && one.issuers.some((url) => issuers.includes(url)));
    if (other === undefined) return [];
    const message =
      `the same issuer as ${other.name}, so both share their accounts, but their ids are in ${idField} here and in ` +
      `${other.idField} there: an account could sign in as the user of another one. Use the same field in both`;
    return [{ path: `sources.${name}`, level: 'warning', message }];
  });
}

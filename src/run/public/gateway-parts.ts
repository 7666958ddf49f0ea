/** What a gateway is made of, and the parts that the hot and the cold path share. */
import type { Settings } from '../../config/settings/settings.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import type { Mailer } from '../../core/flow/mail.ts';
import type { Accounts } from '../../core/people/account.ts';
import type { Directory, WritableDirectory } from '../../core/people/directory.ts';
import type { Atlas } from '../../core/people/place.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { SourceLinks } from '../../core/sources/source-link.ts';
import type { Source } from '../../core/sources/source.ts';
import { chainDirectories } from '../../directories/chain.ts';
import { createPasswordCheck } from '../../flow/proving/basic-password.ts';
import { createConfirm } from '../../flow/standing/confirm.ts';
import { DEFAULT_RULES, type ThrottleRules } from '../../flow/run/throttle-rules.ts';
import { flowTexts } from '../../flow/web/texts.ts';
import { createReplies } from '../../gate/reply/replies.ts';
import { createRequestIds } from '../../gate/request/request-id.ts';
import { createTrust } from '../../gate/request/trust.ts';
import { createVisitors } from '../../gate/visitor/visitors.ts';
import { createAssets } from '../../pages/frame/assets.ts';
import { checkCertificate } from '../../certificates/check.ts';
import { createJwtVerifier } from '../../issuers/verify.ts';
import { createOutside } from '../../outside/outside.ts';
import { createPages } from '../../pages/pages.ts';
import { hashingFor } from '../../passwords/origin.ts';
import { liveSources } from './live-sources.ts';
import { type Backing, lists, systemClock, systemRandom } from '../backing/adapters.ts';

/** What a running gateway is made of. */
export interface GatewayParts {
  readonly live: Live;
  readonly settings: Settings;
  readonly backing: Backing;
  readonly stores: Stores;
  readonly accounts: Accounts & SourceLinks;
  readonly signals: SignalSource;
  /** Locations of IP addresses, or null if not configured. */
  readonly atlas: Atlas | null;
  /** Null: no mail. The caller's to close. */
  readonly mailer: Mailer | null;
  readonly sources: readonly Source[];
  readonly directories: readonly Directory[];
  /** The one among them that can be written, or null. */
  readonly users: WritableDirectory | null;
  readonly events: EventSink;
}

/** Parts that several rooms use. */
export type CommonParts = ReturnType<typeof commonParts>;

/** Makes the shared parts. */
export function commonParts(parts: GatewayParts) {
  const { live, backing, stores, accounts, events, atlas } = parts;
  const clock = systemClock;
  const { vault, tickets, assertions, passwords } = backing;
  const { sessions } = stores;
  const places = atlas ?? undefined;
  const sources = liveSources(live, parts.sources);
  const directory = chainDirectories(parts.directories, { passwords, vault, events });
  const assets = createAssets(live);
  const rules = throttleRules(parts.settings);
  const outside = createOutside();
  const pages = createPages(live, assets, allTexts());
  return {
    clock,
    sessions,
    directory,
    places,
    sources,
    assets,
    pages,
    visitors: createVisitors({
      live,
      sessions,
      directory,
      tickets,
      vault,
      clock,
      events,
      places,
      confirm: createConfirm({
        live,
        sources,
        stores,
        directories: directory,
        users: parts.users,
        signals: parts.signals,
        clock,
        events,
      }),
      tokens: { accounts, throttle: stores.throttle, rule: rules.address },
      jwtVerifier: createJwtVerifier({ fetchJson: (url) => outside.get(url), clock }),
      checkCertificate,
      checkPassword: createPasswordCheck({
        accounts,
        directories: directory,
        stores,
        vault,
        events,
        hashingFor,
        rules,
        clock,
      }),
    }),
    rules,
    outside,
    trust: createTrust(live),
    requestIds: createRequestIds(systemRandom),
    replies: createReplies({ pages: pages.errors, assertion: assertions.sign }),
  };
}

function throttleRules({ throttle }: Settings): ThrottleRules {
  return throttle === null ? DEFAULT_RULES : { ...DEFAULT_RULES, account: throttle };
}

/** Texts of flows, stages and policies. */
function allTexts() {
  return [flowTexts, ...[...lists.stages, ...lists.policies].map(({ texts }) => texts)];
}

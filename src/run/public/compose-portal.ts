/** The cold path, joined: flows with their pages, the API, and the front page of the portal. */
import { createHeldPasswords } from '../../flow/effects/held-passwords.ts';
import type { UserChanges } from '../../core/people/directory.ts';
import { direct } from '../../dialects/direct/dialect.ts';
import { checkUser } from '../../flow/effects/user-effects.ts';
import { createSourceApp } from '../../flow/standing/handler.ts';
import { createFlowApp } from '../../flow/web/handler.ts';
import { createPortalEndpoint } from '../../http/portal-endpoint.ts';
import { joinRooms } from '../../http/portal-rooms.ts';
import { createOutbox } from '../../mail/outbox.ts';
import { createPasskeys } from '../../passkeys/passkeys.ts';
import { hashingFor } from '../../passwords/origin.ts';
import { createPortalApp } from '../../portal/portal.ts';
import { createTokenApps } from '../../portal/token-apps.ts';
import { lists, systemRandom as random } from '../backing/adapters.ts';
import type { CommonParts, GatewayParts } from './gateway-parts.ts';

/** Joins the rooms of the cold path. */
export function composePortal(parts: GatewayParts, common: CommonParts) {
  const { live, settings, backing, stores, events, signals, mailer } = parts;
  const { clock, visitors, pages, assets, outside, sources } = common;
  const { vault, assertions } = backing;
  const templates = settings.mail?.templates ?? {};
  const outbox = createOutbox({ mailer, templates, live, events });
  const flows = composeFlows(parts, common, outbox);
  const jwks = (): string => JSON.stringify(assertions.jwks(clock.now()));
  const portal = createPortalApp({
    live,
    visitors: visitors.portal,
    handovers: stores.handovers,
    vault,
    random,
    clock,
    signals,
    pages,
    assets,
    jwks,
  });
  const ofSources = createSourceApp({ live, sources, stores, vault, clock, events });
  const handler = joinRooms([
    { path: '/source/', app: ofSources.fetch },
    { path: '/flow/', app: flows.fetch },
    { path: '/api/', app: flows.fetch },
    { path: '/', app: portal.fetch },
  ]);
  const { trust, replies, requestIds } = common;
  return {
    endpoint: createPortalEndpoint({
      handler,
      live,
      trust,
      dialect: direct,
      replies,
      requestIds,
      events,
    }),
    async close(): Promise<void> {
      await outbox.close();
      await outside.close();
    },
  };
}

/** The flows, as pages and as an API. */
function composeFlows(
  parts: GatewayParts,
  common: CommonParts,
  outbox: ReturnType<typeof createOutbox>,
): ReturnType<typeof createFlowApp> {
  const { live, backing, stores, events, accounts, signals, users } = parts;
  const { clock, directory, visitors, pages, places, rules, sources } = common;
  const { vault, tickets } = backing;
  const isHeld = parts.directories.some((one) => 'passwordChanger' in one);
  const heldPasswords = isHeld ? createHeldPasswords() : undefined;
  const ports = stagePorts(parts, common);
  return createFlowApp({
    live,
    stores,
    visitors: visitors.portal,
    appVisitors: visitors.apps,
    vault,
    tickets,
    random,
    clock,
    events,
    directories: directory,
    users,
    heldPasswords,
    accounts,
    links: accounts,
    sources,
    outbox,
    hashingFor,
    signals,
    places,
    stages: lists.stages,
    ports: { ...ports, passwords: heldPasswords?.holding(ports.passwords) ?? ports.passwords },
    pages,
    rules,
  });
}

/** What stages may ask; each gets the ports that it names. */
function stagePorts(
  { live, signals, accounts, users, ...parts }: GatewayParts,
  { clock, directory, sessions, sources, outside }: CommonParts,
) {
  const { passwords, vault } = parts.backing;
  const { marks } = parts.stores;
  const passkeys = createPasskeys();
  return {
    directories: directory,
    passwords,
    sessions,
    accounts,
    passkeys,
    marks,
    random,
    vault,
    outside,
    users: {
      directory: users?.name ?? null,
      check: (changes: UserChanges, id: string | null) =>
        checkUser({ users, directories: directory }, changes, id),
    },
    sources,
    links: accounts,
    tokens: accounts,
    apps: createTokenApps({ live, signals, clock }),
  };
}

/**
 * Traefik's ForwardAuth, v2 and v3: describes the request in X-Forwarded-* and forwards every reply
 * other than 2xx unchanged.
 */
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply, withoutEmptyAuthorization } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeLabels } from './labels.ts';
import { writeManifests } from './manifests.ts';
import { writeConfig } from './writer.ts';

/** The headers Traefik sends and the replies it accepts. */
export const traefik: ProxyDialect = {
  name: 'traefik',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  keepsHost: false,
  carriesTarget: false,
  takesQuery: false,
  answersPreflights: false,
  writers: [
    {
      target: 'traefik',
      reachesSockets: false,
      setsAddressFields: false,
      matchesHosts: true,
      write: writeConfig,
    },
    {
      target: 'traefik-labels',
      reachesSockets: false,
      setsAddressFields: false,
      matchesHosts: true,
      write: writeLabels,
    },
    {
      target: 'traefik-crd',
      reachesSockets: false,
      setsAddressFields: false,
      matchesHosts: true,
      write: writeManifests,
    },
  ],
  read: readForwarded,
  reply: (made) => httpReply(withoutEmptyAuthorization(made)),
};

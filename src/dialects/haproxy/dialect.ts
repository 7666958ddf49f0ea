/**
 * HAProxy with the script that `doorward generate haproxy-lua` prints. The script describes the
 * request in X-Forwarded-* and passes every reply other than 200 to the client.
 */
import { FORWARDED, readForwarded } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeScript } from './script.ts';
import { writeConfig } from './writer.ts';

/** The headers that the script sends and the replies it accepts. */
export const haproxy: ProxyDialect = {
  name: 'haproxy',
  speaks: FORWARDED,
  passesWhole: true,
  takesCookie: true,
  keepsHost: true,
  carriesTarget: false,
  takesQuery: false,
  answersPreflights: true,
  writers: [
    { target: 'haproxy', reachesSockets: true, setsAddressFields: true, write: writeConfig },
    { target: 'haproxy-lua', reachesSockets: true, setsAddressFields: true, write: writeScript },
  ],
  read: readForwarded,
  reply: httpReply,
};

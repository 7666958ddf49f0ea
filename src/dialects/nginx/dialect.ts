/**
 * nginx `auth_request`: the operator configures X-Original-URL and X-Original-Method. nginx accepts
 * 2xx, 401 and 403 and turns any other status into 500, so a redirect is sent as 401 with Location.
 */
import { ORIGINAL_URL, readOriginalUrl } from '../../core/request/forwarded.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { ProxyDialect } from '../../core/setup/proxy-plan.ts';
import { writeNpm } from './npm-writer.ts';
import { writeSwag } from './swag-writer.ts';
import { writeConfig } from './writer.ts';

/** The headers nginx sends and the replies it accepts. */
export const nginx: ProxyDialect = {
  name: 'nginx',
  speaks: ORIGINAL_URL,
  passesWhole: false,
  takesCookie: false,
  keepsHost: false,
  carriesTarget: false,
  takesQuery: false,
  answersPreflights: true,
  writers: [
    {
      target: 'nginx',
      reachesSockets: true,
      setsAddressFields: true,
      matchesHosts: true,
      write: writeConfig,
    },
    {
      target: 'npm',
      reachesSockets: false,
      setsAddressFields: true,
      write: writeNpm,
    },
    {
      target: 'swag',
      reachesSockets: false,
      setsAddressFields: true,
      matchesHosts: true,
      write: writeSwag,
    },
  ],
  read: readOriginalUrl,
  reply(answer) {
    switch (answer.kind) {
      case 'redirect':
        return { status: 401, headers: ['Location', answer.to], body: null };
      case 'unauthorized':
        // No Location: `error_page 401 =302` would redirect a script to the sign-in page.
        return {
          status: 401,
          headers: [...(answer.headers ?? []), 'X-Doorward-Login', answer.loginUrl],
          body: answer.body,
        };
      case 'preflight':
        // nginx would take 204 for an allow. It asks again, to get the reply for the browser.
        return { status: 403, headers: [], body: null };
      default:
        return httpReply(answer);
    }
  },
};

/**
 * What Envoy Gateway does with every request before its check: paths stay as they were sent, and fields
 * that clients must not send are removed. Both are settings of the Gateway: a header that a route
 * removes would be removed after the check, with what the check has set.
 */
import { isPlainName, removedBeginnings } from '../../core/access/request-fields.ts';
import { OTHER_PROXY_HEADERS, type ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { CLIENT, ODD_NAME } from './filters.ts';

/** What each list of a policy has room for, by its definition. */
const ROOM = 64;

/** What of the plan the settings have no room for; null if everything fits. */
export function overflow(plan: ProxyPlan): string | null {
  const count = exactNames(plan).length;
  return count > ROOM ? `Envoy Gateway can remove ${ROOM} headers by name, not ${count}` : null;
}

/** The settings of a ClientTrafficPolicy. */
export function clientSettings(plan: ProxyPlan): object {
  return {
    path: { escapedSlashesAction: 'KeepUnchanged', disableMergeSlashes: true },
    headers: {
      withUnderscoresAction: 'DropHeader',
      earlyRequestHeaders: {
        set: plan.addressFields.map((name) => ({ name, value: CLIENT })),
        remove: exactNames(plan),
        removeOnMatch: [
          { type: 'RegularExpression', value: ODD_NAME },
          ...prefixes().map((value) => ({ type: 'Prefix', value })),
        ],
      },
    },
    // Silent event streams and websockets live this long.
    timeout: { http: { idleTimeout: '3600s', streamIdleTimeout: '3600s' } },
  };
}

/** Envoy sets X-Forwarded-For and X-Forwarded-Proto afterwards. */
function prefixes(): readonly string[] {
  return ['x-forwarded', ...removedBeginnings().map((begin) => begin.toLowerCase())];
}

/** Plain names that no prefix covers. */
function exactNames(plan: ProxyPlan): readonly string[] {
  const names = [
    ...plan.identity,
    ...plan.removed,
    ...OTHER_PROXY_HEADERS,
    'Forwarded',
    'X-Request-Id',
  ].map((name) => name.toLowerCase());
  const begins = prefixes();
  return [...new Set(names)].filter(
    (name) => isPlainName(name) && !begins.some((begin) => name.startsWith(begin)),
  );
}

/**
 * The rules that the backends share: what HAProxy removes from a request and sets in it, the check,
 * and what it removes from an app's response.
 */
import { removedBeginnings } from '../../core/access/request-fields.ts';
import { OTHER_PROXY_HEADERS, type ProxyPlan, quotedRegex } from '../../core/setup/proxy-plan.ts';

/** Longest list of names in one rule, in characters. */
const WIDTH = 80;

/** For Doorward itself, which trusts HAProxy: no field that only a proxy may set is the client's. */
export function ownRules(plan: ProxyPlan): string {
  return `# Requests for Doorward.
defaults doorward_own from doorward
${cleaning(plan)}
`;
}

/** For each app. */
export function appRules(plan: ProxyPlan): string {
  const names = [...plan.identity, 'X-Request-Id'].join(',');
  return `# Requests for apps. Each backend of an app inherits these rules.
defaults doorward_app from doorward
${cleaning(plan)}
    # Ask Doorward. If it does not allow the request, the client gets its reply.
    http-request lua.doorward_check /.doorward/check/haproxy ${names}
    # Doorward did not reply, or the script failed.
    http-request return status 503 unless { var(txn.doorward_allowed) -m bool }

${answer(plan)}
`;
}

function cleaning(plan: ProxyPlan): string {
  const begins = [...removedBeginnings(), 'X-Forwarded'];
  const isCovered = (name: string): boolean => begins.some((start) => name.startsWith(start));
  const names = [
    ...plan.identity,
    'X-Request-Id',
    'Keep-Alive',
    'TE',
    ...OTHER_PROXY_HEADERS.filter((name) => !plan.removed.includes(name)),
    ...plan.removed,
  ].filter((name) => !isCovered(name));
  return `    # Upgrade only websocket handshakes: GET requests without a body. Any other protocol, such as h2c, would
    # open a tunnel whose requests are not checked. Replace Connection: a client could list Doorward's headers
    # in it, and the app would then ignore them.
    http-request set-var(txn.doorward_websocket) bool(true) if { method GET } { req.fhdr_cnt(upgrade) eq 1 } { req.fhdr(upgrade) -m str -i websocket } !{ req.fhdr_cnt(content-length) gt 0 } !{ req.fhdr_cnt(transfer-encoding) gt 0 }
    http-request del-header Connection
    http-request del-header Upgrade unless { var(txn.doorward_websocket) -m bool }
    http-request set-header Connection upgrade if { var(txn.doorward_websocket) -m bool }
    # Remove headers that only a proxy or Doorward may set.
${removals('^(?:', names, ')$')}
${removals('^(?:', begins, ')')}
    http-request set-header Host %[var(txn.doorward_host)]
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto ${plan.scheme}
    http-request set-header X-Forwarded-Host %[var(txn.doorward_host)]
    http-request set-header X-Forwarded-Port %[var(txn.doorward_port)]
${plan.addressFields.map((name) => `    http-request set-header ${name} %[src]`).join('\n')}
    # The client's address in the notation of RFC 7239: IPv6 in brackets.
    http-request set-var-fmt(txn.doorward_node) %[src]
    http-request set-var-fmt(txn.doorward_node) [%[src]] if { var(txn.doorward_node) -m sub : }
    http-request set-header Forwarded 'for="%[var(txn.doorward_node)]";host="%[var(txn.doorward_host)]";proto=${plan.scheme}'`;
}

/** The same names as gate/proxy/response-headers.ts: quotes and blanks around a name, or `=` before it. */
function answer(plan: ProxyPlan): string {
  const names = plan.ownCookies.map(quotedRegex).join('|');
  const prefix = '__(?:host-http|host|secure|http)-';
  const cookie = `(?i)^[\\s="]*(?:${prefix})?(?:${names})[\\s"]*(?:[=;].*)?$()`;
  return `    # Apps cannot set Doorward's cookies or clear the cookies of the whole domain. An empty Set-Cookie sets nothing.
    http-response replace-header Set-Cookie ${quoted(cookie)} '\\1'
    http-response replace-header Clear-Site-Data ${quoted('(?i)^.*(?:cookies|[*\\\\]).*$')} '"cache", "storage"'`;
}

/** Rules that remove fields, several in each. HAProxy compares names in lower case. */
function removals(before: string, names: readonly string[], after: string): string {
  const lines: string[] = [];
  let some = '';
  for (const name of names.map((one) => quotedRegex(one.toLowerCase()))) {
    if (some !== '' && some.length + name.length >= WIDTH) {
      lines.push(some);
      some = name;
    } else some += some === '' ? name : `|${name}`;
  }
  return [...lines, some]
    .map((list) => `    http-request del-header '${before}${list}${after}' -m reg`)
    .join('\n');
}

/** A word of HAProxy's configuration that means the text itself. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"$]/g, '\\$&')}"`;
}

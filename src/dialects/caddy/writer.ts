/**
 * Doorward behind Caddy: `forward_auth` for each app, the portal beside them. Caddy passes our
 * answer to the client whole, so nothing else is needed to sign in or to refuse.
 */
import { removedBeginnings } from '../../core/access/request-fields.ts';
import {
  type ProxyApp,
  authorityOf,
  OTHER_VOICES,
  OWN_PATHS,
  type ProxyHost,
  type ProxyPlan,
  quotedRegex,
} from '../../core/setup/proxy-plan.ts';

/** A Caddyfile, or a file that one imports. */
export function writeConfig(plan: ProxyPlan): string {
  return [
    head(plan),
    clean(plan),
    own(plan),
    check(plan),
    answer(plan),
    ownSite(plan, 'The portal: where people sign in.', plan.portal),
    ...plan.apps.flatMap((app) => app.hosts.map((served) => site(plan, app, served))),
  ].join('\n');
}

function head(plan: ProxyPlan): string {
  return `# Doorward behind Caddy, written by: doorward generate caddy -c ${plan.file}
# A Caddyfile of its own, or a file that yours imports.${
    plan.scheme === 'https'
      ? '\n# Caddy fetches certificates by itself; a wildcard host needs a DNS challenge or a tls line.'
      : ''
  }
# If another proxy stands before this one, set trusted_proxies and write {client_ip} for {remote_host}.
`;
}

/** A websocket handshake: a GET without a body. */
const HANDSHAKE = [
  'method GET',
  'header_regexp Connection (?i)(?:^|,)\\s*upgrade\\s*(?:,|$)',
  'header_regexp Upgrade (?i)^websocket$',
  'header Sec-WebSocket-Key *',
];

/** All that a header name may hold beside letters, digits and hyphens (RFC 9110 §5.6.2). */
const ODD = ['_', '.', '!', '#', '$', '%', '&', "'", '*', '+', '^', '`', '|', '~'];

function clean(plan: ProxyPlan): string {
  const others = ['X-Forwarded-Port', 'X-Real-IP', 'Forwarded', 'X-Request-Id'];
  const voices = OTHER_VOICES.filter((name) => !plan.removed.includes(name));
  const begins = removedBeginnings();
  const isCovered = (name: string): boolean => begins.some((start) => name.startsWith(start));
  const single = [...plan.identity, ...others, ...voices, ...plan.removed];
  const names = [
    ...single.filter((name) => !isCovered(name)),
    ...begins.map((start) => `${start}*`),
  ];
  return `# Every request of a client: nothing in it says what only a proxy or Doorward may say.
(doorward_clean) {
	# Only a websocket handshake is upgraded. Any other protocol, such as h2c, would be a tunnel in
	# which Caddy asks about nothing. The client's Connection could delete our headers on the way.
	@doorward_websocket {
${HANDSHAKE.map((line) => `		${line}`).join('\n')}
		not header Content-Length *
	}
	@doorward_plain not {
${HANDSHAKE.map((line) => `		${line}`).join('\n')}
	}
	@doorward_body header Content-Length *
	request_header @doorward_plain -Upgrade
	request_header @doorward_plain -Connection
	request_header @doorward_body -Upgrade
	request_header @doorward_body -Connection
	request_header @doorward_websocket Upgrade websocket
	request_header @doorward_websocket Connection Upgrade

	# Names that some apps read as another one, such as Remote_User and Remote!User.
${ODD.map((sign) => `	request_header -*${sign}*`).join('\n')}

${names.map((name) => `	request_header -${name}`).join('\n')}

	# The client's address as RFC 7239 writes it.
	map {remote_host} {doorward_node} {
		~: "[{remote_host}]"
		default "{remote_host}"
	}
}
`;
}

function own(plan: ProxyPlan): string {
  return `# Doorward itself.
(doorward_own) {
	reverse_proxy ${upstreamAddress(plan.doorward)} {
		header_up X-Real-IP {remote_host}
	}
}
`;
}

function check(plan: ProxyPlan): string {
  const cookie = quotedRegex(plan.cookie);
  return `# May this request pass? If not, the answer goes to the client as it is.
(doorward_check) {
	forward_auth ${upstreamAddress(plan.doorward)} {
		uri /.doorward/check/caddy
		copy_headers ${[...plan.identity, 'X-Request-Id'].join(' ')}
		# Caddy would ask with the client's Upgrade. What is asked is a question, and no websocket.
		header_up -Connection
		header_up -Upgrade
		header_up X-Real-IP {remote_host}
	}

	# The session cookie stays here; an app that saw it could act for its visitor elsewhere.
	request_header Cookie "(?:^|;\\s*)${cookie}\\s*=[^;]*()" "$1"
	request_header Cookie "^\\s*;\\s*()" "$1"
	@doorward_no_cookie header_regexp Cookie ^\\s*$
	request_header @doorward_no_cookie -Cookie
}
`;
}

/** The same names as gate/proxy/response-headers.ts: quotes and blanks around a name, or `=` before it. */
function answer(plan: ProxyPlan): string {
  const names = plan.ownCookies.map(quotedRegex).join('|');
  const prefix = '__(?:host-http|host|secure|http)-';
  return `# What an app may not do to its visitors' sessions: set a cookie of Doorward, or clear the cookies
# of the whole domain. An empty Set-Cookie sets nothing.
(doorward_answer) {
	header_down Set-Cookie \`(?i)^[\\s="]*(?:${prefix})?(?:${names})[\\s"]*(?:[=;].*)?$()\` "$1"
	header_down Clear-Site-Data \`(?i)^.*(?:cookies|[*\\\\]).*$\` \`"cache", "storage"\`
}
`;
}

function ownSite(plan: ProxyPlan, title: string, served: ProxyHost): string {
  return `# ${title}
${address(plan, served)} {
	route {
		import doorward_clean
		import doorward_own
	}
}
`;
}

function site(plan: ProxyPlan, app: ProxyApp, served: ProxyHost): string {
  if (app.isBundled) {
    return ownSite(
      plan,
      `${app.id}: bundled with Doorward, which proxies to it by itself.`,
      served,
    );
  }
  const missing =
    app.upstream === null
      ? `\t\t\t# Change this: ${plan.file} names no upstream for the route ${app.id}.\n`
      : '';
  return `# ${app.id}
${address(plan, served)} {
	# Doorward's own paths on this host. The rest below is reserved; checks are asked from here only.
${OWN_PATHS.map((path) => ownPath(path)).join('\n')}
	handle /.doorward/* {
		respond 404
	}
	handle {
		route {
			import doorward_clean
			import doorward_check
${missing}${toApp(plan, app, served)}
		}
	}
}
`;
}

/** The path is written out, so that no other spelling of it can reach Doorward as another path. */
function ownPath(path: string): string {
  return `	handle ${path} {
		route {
			rewrite * ${path}
			import doorward_clean
			import doorward_own
		}
	}`;
}

function toApp(plan: ProxyPlan, app: ProxyApp, served: ProxyHost): string {
  const { scheme, authority, host, base } = app.upstream ?? NO_UPSTREAM;
  // Never `rewrite * ${base}{uri}`: it decodes the path and evaluates placeholders that a client
  // wrote into it, such as `{env.HOME}` (GHSA-j8px-rmrx-76h9). `$` would refer to a group.
  const prefix = base.replaceAll('$', '$$$$');
  const rewrite = base === '' ? '' : `\t\t\turi path_regexp ^ ${prefix}\n`;
  // The host that the check has evaluated; a wildcard's is the client's.
  const name = served.host.startsWith('*.') ? '{http.request.hostport}' : authorityOf(plan, served);
  const options = [
    'import doorward_answer',
    `header_up Host ${app.preserveHost || app.upstream === null ? name : '{upstream_hostport}'}`,
    `header_up X-Forwarded-Host ${name}`,
    `header_up X-Forwarded-Port ${served.port}`,
    'header_up X-Real-IP {remote_host}',
    `header_up Forwarded \`for="{doorward_node}";host="${name}";proto={scheme}\``,
    ...(scheme === 'https'
      ? [`transport http {\n\t\t\t\t\ttls\n\t\t\t\t\ttls_server_name ${host}\n\t\t\t\t}`]
      : []),
  ];
  return `${rewrite}\t\t\treverse_proxy ${upstreamAddress(authority)} {\n${options.map((o) => `\t\t\t\t${o}\n`).join('')}\t\t\t}`;
}

const NO_UPSTREAM = { scheme: 'http', authority: '127.0.0.1:8080', host: '', base: '' } as const;

function address(plan: ProxyPlan, served: ProxyHost): string {
  return `${plan.scheme}://${authorityOf(plan, served)}`;
}

/** Caddy writes unix sockets with two slashes. */
function upstreamAddress(text: string): string {
  return text.startsWith('unix:') ? `unix/${text.slice('unix:'.length)}` : text;
}

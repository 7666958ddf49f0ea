/**
 * Doorward behind Caddy: `forward_auth` for each app, the portal beside them. Caddy hands
 * our answer to the client whole, so nothing else is needed to sign in or to refuse.
 */
import { type App, OTHER_VOICES, type Place, type ProxyPlan, quotedRegex } from './proxy-plan.ts';

/** A Caddyfile, or a file that one imports. */
export function caddyConfig(plan: ProxyPlan): string {
  return [
    head(plan),
    common(plan),
    ownSite(plan, 'The portal: where people sign in.', [plan.portal]),
    ...plan.apps.map((app) =>
      app.isBundled
        ? ownSite(
            plan,
            `${app.id}: bundled with Doorward, which proxies to it by itself.`,
            app.places,
          )
        : appSite(plan, app),
    ),
  ].join('\n');
}

function head(plan: ProxyPlan): string {
  return `# Doorward behind Caddy, written by: doorward generate caddy -c ${plan.file}
# A Caddyfile of its own, or a file that yours imports.${
    plan.scheme === 'https'
      ? '\n# Caddy fetches certificates by itself; a wildcard host needs a DNS challenge or a tls line.'
      : ''
  }
`;
}

function common(plan: ProxyPlan): string {
  const cookie = quotedRegex(plan.cookie);
  const names = plan.identity.map(quotedRegex).join('|');
  return `# Doorward itself. No client speaks in the place of another proxy.
(doorward_own) {
	reverse_proxy ${upstreamAddress(plan.doorward)} {
${OTHER_VOICES.map((name) => `		header_up -${name}`).join('\n')}
		header_up -X-Forwarded-Uri
		header_up -X-Forwarded-Method
	}
}

# May this request pass? If not, the answer goes to the client as it is.
(doorward_check) {
	# A Connection header that names an identity header would delete it on the way to the app.
	@doorward_cut header_regexp doorward_cut Connection (?i)(${names})
	request_header @doorward_cut -Connection
	# Other spellings that some apps read as the same header.
${plan.forgeries.map((name) => `	request_header -${name}`).join('\n')}

	forward_auth ${upstreamAddress(plan.doorward)} {
		uri /.doorward/check/caddy
		copy_headers ${plan.identity.join(' ')}
${OTHER_VOICES.map((name) => `		header_up -${name}`).join('\n')}
	}

	# The session cookie stays here; an app that saw it could act for its visitor elsewhere.
	request_header Cookie "(?:^|;\\s*)${cookie}=[^;]*()" "$1"
	request_header Cookie "^;\\s*()" "$1"
}
`;
}

function ownSite(plan: ProxyPlan, title: string, places: readonly Place[]): string {
  return `# ${title}
${addresses(plan, places)} {
	import doorward_own
}
`;
}

function appSite(plan: ProxyPlan, app: App): string {
  const missing =
    app.upstream === null
      ? `\t\t# Change this: ${plan.file} names no upstream for the route ${app.id}.\n`
      : '';
  return `# ${app.id}
${addresses(plan, app.places)} {
	# Checks are asked from here only.
	handle /.doorward/check/* {
		respond 404
	}
	# Doorward's own pages on this host, such as sign-out.
	handle /.doorward/* {
		import doorward_own
	}
	handle {
		route {
			import doorward_check
${missing === '' ? '' : `\t${missing}`}${toApp(app)}
		}
	}
}
`;
}

function toApp(app: App): string {
  if (app.upstream === null) return '\t\t\treverse_proxy 127.0.0.1:8080';
  const { scheme, authority, host, base } = app.upstream;
  const rewrite = base === '' ? '' : `\t\t\trewrite * ${base}{uri}\n`;
  const options = [
    ...(app.preserveHost
      ? ['header_up Host {http.request.hostport}']
      : ['header_up Host {upstream_hostport}']),
    ...(scheme === 'https'
      ? [`transport http {\n\t\t\t\t\ttls\n\t\t\t\t\ttls_server_name ${host}\n\t\t\t\t}`]
      : []),
  ];
  return `${rewrite}\t\t\treverse_proxy ${authority} {\n${options.map((o) => `\t\t\t\t${o}\n`).join('')}\t\t\t}`;
}

function addresses(plan: ProxyPlan, places: readonly Place[]): string {
  const own = plan.scheme === 'https' ? 443 : 80;
  return places
    .map(({ host, port }) => `${plan.scheme}://${host}${port === own ? '' : `:${port}`}`)
    .join(', ');
}

/** Caddy writes unix sockets with two slashes. */
function upstreamAddress(address: string): string {
  return address.startsWith('unix:') ? `unix/${address.slice('unix:'.length)}` : address;
}

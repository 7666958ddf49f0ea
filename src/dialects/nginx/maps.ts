/**
 * Variables that the locations use: what is left of an upgrade and of the cookies. As `map` blocks
 * of `http { }`, or as statements for a place where only a server block can be written.
 */
import { type ProxyPlan, quotedRegex } from '../../core/setup/proxy-plan.ts';

const UPGRADES = `# Upgrade only websocket handshakes: GET requests without a body. Any other protocol, such as h2c,
# would open a tunnel whose requests are not checked.`;

const NODE = `# The client's address in the notation of RFC 7239: IPv6 in brackets.`;

const COOKIES = `# Remove Doorward's cookies, with which an app could act for the user elsewhere.
# A request with two of one name has no session; in that case, remove all cookies.`;

/** For inside `http { … }`. */
export function maps({ cookies }: ProxyPlan): string {
  return `${UPGRADES}
map "$request_method $http_upgrade $http_content_length$http_transfer_encoding" $doorward_upgrade {
    default          '';
    'GET websocket ' websocket;
}
map $doorward_upgrade $doorward_connection {
    default '';
    websocket upgrade;
}

${NODE}
map $remote_addr $doorward_node {
    default $remote_addr;
    '~:'    "[$remote_addr]";
}

${COOKIES}
${cookies.map((name, at) => cookieMap(name, at, cookies.length)).join('\n')}
`;
}

/** Takes one name out of what the map before left. */
function cookieMap(name: string, at: number, count: number): string {
  const from = at === 0 ? '$http_cookie' : `$doorward_cookie_${at}`;
  const to = at === count - 1 ? '$doorward_cookie' : `$doorward_cookie_${at + 1}`;
  return `map ${from} ${to} {
    default                                       ${from};
    "~${twice(name)}"  '';
    "~${once(name)}"  $doorward_before$doorward_after;
}`;
}

/** The same for inside `server { … }`, indented. */
export function statements({ cookies }: ProxyPlan): string {
  const text = `${UPGRADES}
set $doorward_upgrade "";
set $doorward_connection "";
set $doorward_handshake "$request_method $http_upgrade $http_content_length$http_transfer_encoding";
if ($doorward_handshake ~ "^GET (?i:websocket) $") {
    set $doorward_upgrade websocket;
    set $doorward_connection upgrade;
}

${NODE}
set $doorward_node $remote_addr;
if ($remote_addr ~ ":") {
    set $doorward_node "[$remote_addr]";
}

${COOKIES}
set $doorward_cookie $http_cookie;
${cookies.map(cookieStatements).join('\n')}
`;
  return text.replaceAll(/^(?=.)/gm, '    ');
}

function cookieStatements(name: string): string {
  return `if ($doorward_cookie ~ "${twice(name)}") {
    set $doorward_cookie "";
}
if ($doorward_cookie ~ "${once(name)}") {
    set $doorward_cookie $doorward_before$doorward_after;
}`;
}

/** Cookie lines with two of the name. */
function twice(name: string): string {
  const cookie = quotedRegex(name);
  return `(?:^|;)\\s*${cookie}\\s*=.*;\\s*${cookie}\\s*=`;
}

/** Cookie lines with one of the name, and what is before and after it. */
function once(name: string): string {
  return `^(?<doorward_before>(?:.*;)?)\\s*${quotedRegex(name)}\\s*=[^;]*(?:;\\s*|$)(?<doorward_after>.*)$`;
}

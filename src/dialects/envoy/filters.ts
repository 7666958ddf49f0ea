/**
 * The filters that a request passes in the generated file: the client's fields are cleaned, the check
 * is asked, and the app's response is cleaned. Their order matters.
 */
import { removedBeginnings } from '../../core/access/request-fields.ts';
import { OTHER_PROXY_HEADERS, type ProxyPlan } from '../../core/setup/proxy-plan.ts';
import { type HttpFilter, httpFilter, typed } from './typed.ts';

/** The client as Envoy sees it, without its port. */
export const CLIENT = '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%';

/** What ext_authz has in both forms of the file. */
const STRICT = {
  transport_api_version: 'V3',
  // Nothing opens while Doorward does not reply.
  failure_mode_allow: false,
  status_on_error: { code: 'ServiceUnavailable' },
  // The route that was checked is the one that is used.
  clear_route_cache: false,
  // Repeated fields stay apart; otherwise, two Cookie fields arrive as one with a comma.
  encode_raw_headers: true,
};

/** Names that are no plain text of letters, digits and hyphens, except pseudo-headers. */
export const ODD_NAME = '[^:]*[^a-z0-9:-][^:]*';

/** In order. `service`: how ext_authz asks. */
export function httpFilters(plan: ProxyPlan, service: object): readonly HttpFilter[] {
  return [
    cleaned(plan),
    httpFilter('ext_authz', 'ExtAuthz', { ...STRICT, ...service }),
    answers(plan),
    // Neither apps nor clients learn of Envoy's own fields.
    httpFilter('router', 'Router', { suppress_envoy_headers: true }),
  ];
}

/** For virtual hosts that Doorward serves itself. Never for an app. */
export const OF_DOORWARD = {
  'envoy.filters.http.ext_authz': typed('filters.http.ext_authz.v3.ExtAuthzPerRoute', {
    disabled: true,
  }),
  'envoy.filters.http.lua': typed('filters.http.lua.v3.LuaPerRoute', { disabled: true }),
};

function cleaned(plan: ProxyPlan): HttpFilter {
  const begins = ['x-forwarded', ...removedBeginnings().map((begin) => begin.toLowerCase())];
  const names = [
    ...plan.identity,
    ...plan.removed,
    ...OTHER_PROXY_HEADERS,
    ...plan.addressFields,
    'Forwarded',
    'X-Request-Id',
  ]
    .map((name) => name.toLowerCase())
    .filter((name) => !begins.some((begin) => name.startsWith(begin)));
  return httpFilter('header_mutation', 'HeaderMutation', {
    mutations: {
      request_mutations: [
        matching({ safe_regex: { regex: ODD_NAME } }),
        ...begins.map((prefix) => matching({ prefix })),
        ...[...new Set(names)].map((remove) => ({ remove })),
        ...['x-forwarded-for', ...plan.addressFields].map((name) =>
          overwritten(name.toLowerCase(), CLIENT),
        ),
        overwritten('x-forwarded-proto', plan.scheme),
      ],
    },
  });
}

function matching(keyMatcher: object): object {
  return { remove_on_match: { key_matcher: keyMatcher } };
}

function overwritten(key: string, value: string): object {
  return { append: { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } };
}

/**
 * Removes our cookies from an app's response, as gate/proxy/response-headers.ts does. Requests that
 * were not allowed never reach envoy_on_request, so Doorward's own replies stay as they are.
 */
function answers(plan: ProxyPlan): HttpFilter {
  const names = plan.ownCookies.map((name) => `  [${JSON.stringify(name.toLowerCase())}] = true,`);
  const inline = `local ours = {
${names.join('\n')}
}

-- Browsers ignore quotes, blanks and case here; a pair without a name is read as one of that name.
local function is_ours(cookie)
  local name = cookie:lower():gsub('^[%s="]*', ''):gsub('[=;].*$', ''):gsub('[%s"]*$', '')
  for _, prefix in ipairs({ '__host%-http%-', '__host%-', '__secure%-', '__http%-' }) do
    local rest, count = name:gsub('^' .. prefix, '')
    if count > 0 then
      name = rest
      break
    end
  end
  return ours[name] == true
end

function envoy_on_request(handle)
  handle:streamInfo():dynamicMetadata():set('doorward', 'allowed', true)
end

function envoy_on_response(handle)
  local seen = handle:streamInfo():dynamicMetadata():get('doorward')
  if seen == nil or not seen.allowed then
    return
  end
  local headers = handle:headers()
  local kept, found = {}, false
  for name, value in pairs(headers) do
    if name == 'set-cookie' then
      if is_ours(value) then
        found = true
      else
        table.insert(kept, value)
      end
    end
  end
  if found then
    headers:remove('set-cookie')
    for _, value in ipairs(kept) do
      headers:add('set-cookie', value)
    end
  end
  -- Clearing the cookies of the whole domain would end the session.
  local clears = (headers:get('clear-site-data') or ''):lower()
  if clears:find('cookies', 1, true) or clears:find('*', 1, true) then
    headers:replace('clear-site-data', '"cache", "storage"')
  end
end
`;
  return httpFilter('lua', 'Lua', { default_source_code: { inline_string: inline } });
}

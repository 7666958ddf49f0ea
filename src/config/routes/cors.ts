/** Links origins, and what their pages may do with an app. */
import type { Cors } from '../../core/routes/cors.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import type { RouteConfig } from '../schema/schema.ts';

/** The rules for cross-origin requests; `spot` is the spot of `cors`. */
export function linkCors(config: NonNullable<RouteConfig['cors']>, spot: Spot): Cors {
  const origins = config.origins.map((origin, i) => linkOrigin(origin, below(spot, 'origins', i)));
  return {
    origins: new Set(origins),
    methods: config.methods,
    headers: config.headers ?? null,
    credentials: config.credentials,
    maxAge: Math.floor(config.max_age / 1000),
    preflight: config.preflight,
  };
}

/** The origin as browsers write it. */
export function linkOrigin(text: string, spot: Spot): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (isHttp && url.origin === text && !text.includes('*')) return text;
  const hint =
    isHttp && url.origin !== text ? `"${url.origin}"` : suggest(text, ['https://', 'http://']);
  blame(spot, 'expected an origin such as https://other.example.com, without a path or *', hint);
  return text;
}

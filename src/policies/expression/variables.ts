/**
 * Builds the context of one evaluation: only variables that the expression uses. Missing values are
 * left out, so using one is an error, which denies access.
 */
import { parseAddress } from '../../core/request/address.ts';
import type { PolicyInput } from '../../core/policy/policy.ts';
import type { Survey } from './bounds.ts';
import {
  ClientView,
  FlowView,
  jsonMap,
  RequestView,
  RouteView,
  SessionView,
  UserView,
} from './views.ts';

/** Maximum list length by nesting of loops: none, one, two. */
const LONGEST = [10_000, 10_000, 512] as const;

/** Values by name. The null prototype keeps inherited names out of reach. */
type Context = Record<string, unknown>;

/** The input with one reading of its path (request/readings.ts). */
export interface Read {
  readonly input: PolicyInput;
  readonly path: string;
}

/** Returns the context. Reading a field that is too large throws a Problem. */
export function variables(read: Read, survey: Survey): Context {
  const context: Context = Object.create(null);
  const longest = LONGEST[survey.depth] ?? 0;
  for (const name of survey.variables) {
    const value = variable(name, read, longest);
    if (value !== undefined) context[name] = value;
  }
  return context;
}

function variable(name: string, { input, path }: Read, longest: number): unknown {
  const { facts, user, session, route, flow, prompt, now } = input;
  switch (name) {
    case 'user':
      return user === null ? undefined : new UserView(user, longest);
    case 'session':
      return session === null ? undefined : new SessionView(session, now);
    case 'credential':
      return session === null ? (input.credential ?? 'none') : 'session';
    case 'client': {
      const address = parseAddress(facts.clientIp);
      return address === null ? undefined : new ClientView(facts.clientIp, address);
    }
    case 'request':
      return new RequestView(facts, path);
    case 'route':
      return route === null ? undefined : new RouteView(route.id);
    case 'flow':
      return flow === null ? undefined : new FlowView(flow.name, flow.designation);
    case 'prompt':
      return prompt === null ? undefined : jsonMap(prompt, longest);
    case 'claims':
      return input.claims === undefined ? undefined : jsonMap(input.claims, longest);
    case 'now':
      return new Date(now);
    default:
      // Named fallback: an iteration variable, which the language provides.
      return undefined;
  }
}

/**
 * The Authorization field on its way to an app, and the challenges for clients that sent no credential
 * (RFC 9110 §11.6.1).
 */
import type { Decision } from '../../core/access/decision.ts';
import { containsToken, isTokenLike } from '../../core/people/token.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { schemeOf } from '../../core/proof/authorization.ts';
import { acceptedByAll, isAccepted } from '../../core/routes/accepts.ts';

type Allowed = Pick<Extract<Decision, { kind: 'allow' }>, 'route' | 'rules' | 'visitor'>;

/**
 * The field that the app receives instead of the client's: `''` for none, null for the client's own. A
 * credential in a scheme that the path accepts is meant for Doorward, whether it was used, rejected or
 * not needed: nothing else distinguishes a password of ours from one of the app. In every other scheme,
 * a token of ours stays away from the app all the same.
 */
export function authorizationForApp(
  { route, rules, visitor }: Allowed,
  facts: Pick<RequestFacts, 'header'>,
): string | null {
  if (!route.takesAuthorization) return null;
  // Null for a repeated field as well, of which no reader may see more than Doorward did.
  const sent = facts.header('authorization');
  if (sent === null || isOfVisitor(visitor)) return '';
  const scheme = schemeOf(sent);
  if (scheme !== null && isAccepted(rules, scheme)) return '';
  return carriesToken(sent) ? '' : sent;
}

/** Whether the field led to the visitor. */
function isOfVisitor(visitor: Allowed['visitor']): boolean {
  if (visitor === null || visitor.session !== null) return false;
  return visitor.grant.credential !== 'certificate';
}

/**
 * Whether a token of ours is in a field, in whatever form: an app may read what Doorward does not accept,
 * such as another scheme, a token as username, or base64 with a NUL in it.
 */
function carriesToken(field: string): boolean {
  const content = field.replace(/^\S+\s+/, '');
  const texts = [content, Buffer.from(content, 'base64').toString('latin1')];
  return texts.some((text) => text.split(':').some(isTokenLike) || containsToken(text));
}

/** Reasons for which a token that counts elsewhere does not count here. */
const ELSEWHERE: ReadonlySet<string> = new Set(['token/route', 'token/method', 'token/network']);

/** WWW-Authenticate fields for a request that is refused with this status, flat (RFC 6750, 3.1). */
export function challengesFor(
  { rules, reasons, visitor }: Pick<Decision, 'rules' | 'reasons' | 'visitor'>,
  status: number,
  facts: RequestFacts,
): readonly string[] {
  if (status === 401) return openings({ rules, reasons }, facts);
  if (!isAccepted(rules, 'bearer')) return NONE;
  const [first] = reasons;
  if (status === 400) {
    return first?.code === 'credential/malformed' ? bearerField(facts, 'invalid_request') : NONE;
  }
  // Only a token that is right is known to be one, so strangers learn nothing.
  const isToken = visitor?.session === null && visitor.grant.scheme === 'bearer';
  if (!isToken || !ELSEWHERE.has(first?.code ?? '')) return NONE;
  return bearerField(facts, 'insufficient_scope');
}

function bearerField({ host }: RequestFacts, error: string): readonly string[] {
  return ['WWW-Authenticate', `Bearer realm="${host}", error="${error}"`];
}

/**
 * Challenges for a request without a visitor. Basic comes first, since some clients take the first
 * challenge, and never for browsers, which would open a dialog of their own.
 */
function openings(
  { rules, reasons }: Pick<Decision, 'rules' | 'reasons'>,
  facts: RequestFacts,
): readonly string[] {
  const accepts = acceptedByAll(rules);
  if (accepts === null) return NONE;
  const realm = `realm="${facts.host}"`;
  const challenges: string[] = [];
  if (accepts.basic && !isOfBrowser(facts)) challenges.push(`Basic ${realm}, charset="UTF-8"`);
  if (accepts.bearer) {
    const shown = schemeOf(facts.header('authorization') ?? '');
    const isWrong = shown === 'bearer' || reasons.some(({ code }) => /^(?:token|jwt)\//.test(code));
    // RFC 6750 §3.1: no error code for a request without a token.
    challenges.push(`Bearer ${realm}${isWrong ? ', error="invalid_token"' : ''}`);
  }
  return challenges.flatMap((challenge) => ['WWW-Authenticate', challenge]);
}

const NONE: readonly string[] = [];

/**
 * Whether a browser sent the request. All browsers send Fetch Metadata to https; other programs that
 * call themselves Mozilla, such as Thunderbird, do not.
 */
function isOfBrowser({ kind, scheme, header }: RequestFacts): boolean {
  if (kind === 'page' || header('sec-fetch-mode') !== null) return true;
  return scheme === 'http' && header('user-agent')?.startsWith('Mozilla/') === true;
}

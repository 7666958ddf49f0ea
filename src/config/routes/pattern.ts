/** Links the path pattern of a rule: canonical, and with every `*` where it has a meaning. */
import { canonicalPattern } from '../../core/request/path.ts';
import { foldReading } from '../../core/request/readings.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import { blame, type Spot } from '../faults/spot.ts';

/** The canonical pattern; null once its fault has been noted. */
export function linkPattern(text: string, spot: Spot): string | null {
  const canonical = canonicalPattern(text);
  if (isRefused(canonical)) {
    const meant = encodeURI(text.startsWith('/') ? text : `/${text}`);
    const hint =
      meant === text || typeof canonicalPattern(meant) === 'object' ? null : `"${meant}"`;
    blame(spot, `${canonical.detail}; expected a path such as /admin/**`, hint);
    return null;
  }
  if (/%2A/i.test(text)) {
    blame(spot, '%2A is a *, which cannot be matched literally: it stands for any characters');
    return null;
  }
  const segments = canonical.slice(1).split('/');
  // Hexadecimal digits may be written in either case.
  if (canonical !== text.replace(/%../g, (escape) => escape.toUpperCase())) {
    blame(spot, 'not a canonical path, so no request would match', `"${canonical}"`);
  } else if (segments.slice(0, -1).includes('**')) {
    const hint = `"${text.replaceAll('**', '*')}"`;
    blame(spot, '** is allowed only at the end; * matches one segment', hint);
  } else if (segments.length > 1 && segments.at(-1) === '') {
    const bare = canonical.slice(0, -1);
    const hint = `"${bare}/**" for all below, or "${bare}" for itself`;
    blame(spot, 'expected a path without a slash at the end', hint);
  } else if (segments.every((segment) => !isPartial(segment) || isUsable(segment, spot))) {
    if (!isOpenEnded(segments.at(-1) ?? '')) return canonical;
    const bare = canonical.slice(0, -1);
    const hint = `"${bare}/**", or "${canonical}/**" for every name that begins so`;
    blame(spot, 'this pattern would not match paths below it', hint);
  }
  return null;
}

/** Whether the segment has `*` beside other characters. */
export function isPartial(segment: string): boolean {
  return segment.includes('*') && segment !== '*' && segment !== '**';
}

/** Whether every `*` is beside other characters, however programs compare names. */
function isUsable(segment: string, spot: Spot): boolean {
  const folded = foldReading(segment);
  if (segment.includes('**') || !isPartial(folded) || folded.includes('**')) {
    const hint = segment.includes('**') ? `"${segment.replace(/\*+/g, '*')}"` : null;
    blame(spot, 'expected letters, digits or signs between * and *', hint);
    return false;
  }
  if (isUtf8(segment)) return true;
  blame(spot, 'beside *, escapes must be UTF-8');
  return false;
}

/** `admin*`: readers of other gateways' rules take it for everything that begins so. */
function isOpenEnded(segment: string): boolean {
  return isPartial(segment) && segment.indexOf('*') === segment.length - 1;
}

function isUtf8(segment: string): boolean {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    // Named fallback: bytes that are not UTF-8 are a fault of the configuration.
    return false;
  }
}

function isRefused(path: string | Refusal): path is Refusal {
  return typeof path === 'object' && isRefusal(path);
}

/**
 * Finds where a long YAML text can be cut so that each piece means by itself what it means in the
 * whole: before the keys at its top, and before the items of a list or mapping below one of them.
 * Whatever leaves a doubt (anchors, several documents, odd indentation) leaves the text whole.
 */

/** A run of pairs at the top, or of members below a key at the top. */
export interface Piece {
  /** Offsets; the text between them is whole lines. */
  readonly start: number;
  readonly end: number;
  /** `top`: pairs of the mapping at the top. Else members of what stands below the last of those. */
  readonly of: 'top' | 'list' | 'mapping';
}

/** Watches tokens go by. */
export interface PieceFinder {
  /** `offset` and `column` of the token; `depth`: how many brackets are open around it. */
  see(token: string, offset: number, column: number, depth: number): void;
  /** The last place where the text may be cut, or null when it must stay whole. */
  lastCut(): number | null;
  /** Pieces of about `size` characters, or null. */
  pieces(length: number, size: number): readonly Piece[] | null;
}

/** A place where the text may be cut, and what begins there. */
interface Cut {
  readonly at: number;
  readonly of: Piece['of'];
}

/** Begins to watch. */
export function pieceFinder(): PieceFinder {
  let cuts: Cut[] | null = [];
  let isHead = true;
  /** What stands behind the key at the top: nothing yet, a value on its line, or members below it. */
  let behind: 'key' | 'nothing' | 'value' | 'list' | 'mapping' = 'value';
  let margin = -1;

  const begin = (token: string, at: number, column: number): void => {
    if (cuts === null) return;
    const isDash = token === '-';
    if (column === 0 && !isDash) {
      behind = 'key';
      margin = -1;
      cuts.push({ at, of: 'top' });
      return;
    }
    if (behind === 'nothing') {
      behind = isDash ? 'list' : 'mapping';
      margin = column;
    } else if (column !== margin) {
      // Within a member, or where nothing belongs: the parser of the piece will say.
      if (column === 0 || cuts.length === 0) cuts = null;
      return;
    }
    if ((behind === 'list') !== isDash) cuts = null;
    else cuts.push({ at, of: behind as 'list' | 'mapping' });
  };

  return {
    see(token, offset, column, depth) {
      if (cuts === null || SPACES.test(token) || token.startsWith('#')) return;
      // The end of a line, or a text in a block, which begins with its indentation.
      if (/^\s/.test(token)) {
        isHead = token.endsWith('\n');
        return;
      }
      if (WHOLE.test(token)) {
        cuts = null;
        return;
      }
      if (isHead && depth === 0) {
        begin(token, offset - column, column);
      } else if (behind === 'key') {
        // A key alone on its line: what it holds stands below.
        if (token === ':') behind = 'nothing';
      } else if (behind === 'nothing') behind = 'value';
      isHead = false;
    },
    lastCut: () => (cuts === null ? null : (cuts.at(-1)?.at ?? 0)),
    pieces: (length, size) => (cuts === null ? null : gathered(cuts, length, size)),
  };
}

const SPACES = /^[ \t]+$/;
/** Directives, ends of documents, anchors, aliases, keys in the long form. */
const WHOLE = /^(?:%|---$|\.\.\.$|[&*]|\?$|\u{FEFF})/u;

/** Cuts that are near each other become one piece, as long as they are of one kind. */
function gathered(cuts: readonly Cut[], length: number, size: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let open: Cut | null = null;
  for (const cut of cuts) {
    // What stands below a key follows that key, and nothing else may come between.
    if (open !== null && open.of === cut.of && cut.at - open.at < size) continue;
    if (open !== null) pieces.push({ start: open.at, end: cut.at, of: open.of });
    open = cut;
  }
  if (open !== null) pieces.push({ start: open.at, end: length, of: open.of });
  return pieces;
}

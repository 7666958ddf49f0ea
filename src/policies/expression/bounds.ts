/**
 * Checks the syntax tree of an expression before it first runs: only known functions, and a limit
 * on the work that nested loops over lists can cause.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { Problem } from '../../core/values/problem.ts';
import { fieldsOf } from '../../core/values/record.ts';

export interface Survey {
  /** Names of the variables it uses, including iteration variables. */
  readonly variables: ReadonlySet<string>;
  /** Literal patterns of `re()`. */
  readonly patterns: readonly string[];
  /** Literal networks of `within()`. */
  readonly networks: readonly string[];
  /** Literal time zones. */
  readonly zones: readonly string[];
  /** Maximum nesting of loops over lists. */
  readonly depth: number;
}

const LOOPS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const FUNCTIONS = new Set(
  [
    'all exists exists_one filter map has re size startsWith endsWith contains',
    'lowerAscii upperAscii trim substring indexOf lastIndexOf bool int uint double string dyn',
    'timestamp duration getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear',
    'getHours getMinutes getSeconds getMilliseconds',
    'within in_group domain clock date',
  ].flatMap((line) => line.split(' ')),
);

/** Maximum nesting of loops over lists. */
const MAX_LOOPS = 2;
/** Maximum number of steps of one evaluation, assuming 200 members per list. */
const MAX_WORK = 400_000;
const LIST = 200;

/** Functions whose only argument is a time zone. */
const ZONED = /^(?:get[A-Z]|clock$|date$)/;

interface Walk {
  /** The source text of the expression. */
  readonly source: string;
  readonly variables: Set<string>;
  readonly patterns: string[];
  readonly networks: string[];
  readonly zones: string[];
  depth: number;
  work: number;
}

/**
 * Surveys a tree. Throws a Problem with a message for the operator if the expression is refused.
 */
export function survey(root: ASTNode, source: string): Survey {
  const walk: Walk = {
    source,
    variables: new Set(),
    patterns: [],
    networks: [],
    zones: [],
    depth: 0,
    work: 0,
  };
  visit(root, 0, walk);
  if (walk.work > MAX_WORK) {
    const words = 'does too much work: walks over lists lie in one another; take some apart';
    throw refused(words, root, walk);
  }
  return walk;
}

// oxlint-disable-next-line max-lines-per-function -- a table: one case for each operator
function visit(node: ASTNode, loops: number, walk: Walk): void {
  walk.work += LIST ** loops;
  walk.depth = Math.max(walk.depth, loops);
  if (loops > MAX_LOOPS) throw refused(`walks over lists more than ${MAX_LOOPS} deep`, node, walk);
  switch (node.op) {
    case 'value':
      return;
    case 'id':
      walk.variables.add(node.args);
      return;
    case '.':
    case '.?':
      visit(node.args[0], loops, walk);
      return;
    case 'call':
      checkCall(node.args[0], node.args[1], node, walk);
      for (const argument of node.args[1]) visit(argument, loops, walk);
      return;
    case 'rcall': {
      const [name, receiver, args] = node.args;
      checkCall(name, args, node, walk);
      // The list itself counts as nested: chained map and filter calls multiply work as nested ones
      // do.
      const inner = LOOPS.has(name) ? loops + 1 : loops;
      visit(receiver, inner, walk);
      for (const argument of args) visit(argument, inner, walk);
      return;
    }
    case 'in': {
      const isLiteral = node.args[1].op === 'list';
      visit(node.args[0], loops, walk);
      visit(node.args[1], isLiteral ? loops : loops + 1, walk);
      return;
    }
    case '+':
      if (loops > 0) {
        const words = 'uses + inside all, exists, map or filter, where results grow';
        throw refused(words, node, walk);
      }
      for (const side of node.args) visit(side, loops, walk);
      return;
    case 'map':
      for (const [key, value] of node.args) {
        visit(key, loops, walk);
        visit(value, loops, walk);
      }
      return;
    case '!_':
    case '-_':
      visit(node.args, loops, walk);
      return;
    case '[]':
    case 'list':
    case '?:':
    case '||':
    case '&&':
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '-':
    case '*':
    case '/':
    case '%':
      for (const child of node.args) visit(child, loops, walk);
      return;
    default:
      throw refused(`uses ${String(fieldsOf(node).op)}, which is not offered`, node, walk);
  }
}

function checkCall(name: string, args: readonly ASTNode[], node: ASTNode, walk: Walk): void {
  if (name === 'matches') {
    const words = 'uses matches(), which can run for minutes; use re(text, pattern) instead';
    throw refused(words, node, walk);
  }
  if (!FUNCTIONS.has(name)) throw refused(`uses ${name}(), which is not offered`, node, walk);
  if (name === 're') {
    const pattern = literal(args[1]);
    const words = 'gives re() a pattern that is no plain text: re(text, "pattern")';
    if (pattern === null) throw refused(words, node, walk);
    walk.patterns.push(pattern);
  } else if (name === 'within') {
    const network = literal(args[0]);
    const words = 'gives within() a network that is no plain text: client.within("10.0.0.0/8")';
    if (network === null) throw refused(words, node, walk);
    walk.networks.push(network);
  } else if (ZONED.test(name)) {
    const zone = literal(args[0]);
    if (zone !== null) walk.zones.push(zone);
  }
}

function literal(node: ASTNode | undefined): string | null {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : null;
}

/** Adds a caret under the location, as the parser does. */
function refused(words: string, { pos }: ASTNode, { source }: Walk): Problem {
  const before = source.slice(0, pos).split('\n');
  const line = source.split('\n')[before.length - 1] ?? '';
  const gutter = `>${String(before.length).padStart(5)} | `;
  const caret = ' '.repeat(gutter.length + (before.at(-1) ?? '').length);
  return new Problem('policy/expression', `the expression ${words}\n\n${gutter}${line}\n${caret}^`);
}

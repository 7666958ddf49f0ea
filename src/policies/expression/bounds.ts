/**
 * What an expression may hold, judged on its syntax tree before it ever runs: known
 * functions only, and no more work than its nesting of lists allows.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { Problem } from '../../core/problem.ts';

/** What the tree told. */
export interface Survey {
  /** Names of variables it mentions, iteration variables too. */
  readonly variables: ReadonlySet<string>;
  /** Literal patterns of `re()`. */
  readonly patterns: readonly string[];
  /** How deep walks over lists lie in one another. */
  readonly depth: number;
}

const LOOPS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const FUNCTIONS = new Set(
  [
    'all exists exists_one filter map has re size startsWith endsWith contains',
    'lowerAscii upperAscii trim substring indexOf lastIndexOf bool int uint double string dyn',
    'timestamp duration getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear',
    'getHours getMinutes getSeconds getMilliseconds',
  ].flatMap((line) => line.split(' ')),
);

/** Walks over lists may lie in one another this deep. */
const MAX_LOOPS = 2;
/** Steps of one evaluation at most, taking each list to have 200 members. */
const MAX_WORK = 400_000;
const LIST = 200;

interface Walk {
  readonly variables: Set<string>;
  readonly patterns: string[];
  depth: number;
  work: number;
}

/** Surveys a tree. Throws a Problem, in the operator's words, for what is refused. */
export function survey(root: ASTNode): Survey {
  const walk: Walk = {
    variables: new Set(),
    patterns: [],
    depth: 0,
    work: 0,
  };
  visit(root, 0, walk);
  if (walk.work > MAX_WORK) {
    throw refused('does too much work: walks over lists lie in one another; take some apart');
  }
  return walk;
}

function visit(node: ASTNode, loops: number, walk: Walk): void {
  walk.work += LIST ** loops;
  walk.depth = Math.max(walk.depth, loops);
  if (loops > MAX_LOOPS) throw refused(`walks over lists more than ${MAX_LOOPS} deep`);
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
      checkCall(node.args[0], node.args[1], walk);
      for (const argument of node.args[1]) visit(argument, loops, walk);
      return;
    case 'rcall': {
      const [name, receiver, args] = node.args;
      checkCall(name, [], walk);
      // The list itself counts as lying inside: chains of map and filter multiply as nests do.
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
      if (loops > 0) throw refused('uses + inside all, exists, map or filter, where results grow');
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
      throw refused(`uses ${String((node as { op: unknown }).op)}, which is not offered`);
  }
}

function checkCall(name: string, args: readonly ASTNode[], walk: Walk): void {
  if (name === 'matches') {
    throw refused('uses matches(), which can run for minutes; use re(text, pattern) instead');
  }
  if (!FUNCTIONS.has(name)) throw refused(`uses ${name}(), which is not offered`);
  if (name !== 're') return;
  const pattern = args[1];
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    throw refused('gives re() a pattern that is no plain text: re(text, "pattern")');
  }
  walk.patterns.push(pattern.args);
}

function refused(words: string): Problem {
  return new Problem('policy/expression', `the expression ${words}`);
}

/** Scores in Redis: changed by one script, so no simultaneous change is lost. */
import type { Scores } from '../../core/people/score.ts';
import type { Vault } from '../../core/values/system.ts';
import {
  SCORE_BOUNDS,
  SCORE_HALVES,
  SCORE_KEPT,
  type Score,
  currentScore,
} from '../../core/people/score.ts';
import type { Run } from './link/commands.ts';
import { keysOf } from './keys.ts';

const ROW = /^(-?\d{1,3}) (\d{1,15})$/;

/** The scores of one Redis. */
export function redisScores(run: Run, prefix: string, tools: { vault: Vault }): Scores {
  const keys = keysOf(prefix, tools.vault);
  const { least, most } = SCORE_BOUNDS;
  return {
    add(key, by, now) {
      const args = [by, least, most, SCORE_HALVES, SCORE_KEPT, now].map(String);
      return run((client) => client.doorwardScore(keys.score(key), ...args));
    },
    async read(names, now) {
      if (names.length === 0) return [];
      const rows = await run((client) => client.mget(...names.map((name) => keys.score(name))));
      return rows.map((row) => currentScore(scoreOf(row), now).value);
    },
  };
}

function scoreOf(row: string | null): Score | null {
  const [, value, at] = ROW.exec(row ?? '') ?? [];
  return at === undefined ? null : { value: Number(value), at: Number(at) };
}

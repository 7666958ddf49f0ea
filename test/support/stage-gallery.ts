/**
 * Every question of the listed stages, as the stage itself asks it: the example of its README, with
 * each value of its options, each alternative it offers, and each rejection.
 */
import { submissionShape } from '../../src/core/flow/submission-shape.ts';
import type { AnyStage, StageContext, StagePorts, Step } from '../../src/core/flow/stage.ts';
import { stages } from '../../src/stages/index.ts';
import { fakeAccounts, testAuthenticator } from './fake-accounts.ts';
import { START } from './fakes.ts';
import { shapeOf } from './option-table.ts';
import { readmeOf } from './readme.ts';
import { exampleOf, variations } from './stage-claims.ts';
import { stageContext, stagePorts } from './stage-context.ts';

type Ask = Extract<Step, { kind: 'ask' }>;

/** The content of a page: a question, or an end. */
export type Shown = Extract<Step, { kind: 'ask' | 'stop' }>;

const PROOFS = [{ method: 'password', at: START }];
const APP = { id: 'wiki', title: 'Wiki', host: 'wiki.demo.localhost' };

/** Pages that come after others, by what the plan remembers. */
const LATER: Readonly<Record<string, readonly StageContext<unknown>['learned'][]>> = {
  tokens: [{ 'tokens:tokens': { page: 'shown', name: 'Backup' } }],
};

function tokensOfAnn(): StagePorts['tokens'] {
  const accounts = fakeAccounts();
  const all = { routes: [], methods: [], networks: [], createdAt: START, expiresAt: null };
  accounts.all.tokens = [
    { ...all, id: 'AbCdEfG', textName: '', userId: 'fake/ann', name: 'Laptop', lastUsedAt: null },
    {
      id: 'HiJkLmN',
      textName: '',
      userId: 'fake/ann',
      name: 'Nightly backup of the files that keep the office going',
      routes: ['files', 'calendar'],
      methods: ['GET', 'PROPFIND'],
      networks: ['192.0.2.0/24', '2001:db8::/32'],
      createdAt: START,
      expiresAt: START + 90 * 86_400_000,
      lastUsedAt: START,
    },
  ];
  return accounts;
}

/** Ann has every factor, so that every alternative is offered. */
const ports = () =>
  stagePorts({
    accounts: fakeAccounts([
      testAuthenticator(),
      testAuthenticator({ id: 'key', kind: 'webauthn', name: 'Key', handle: 'AAAA' }),
      testAuthenticator({ id: 'spare', kind: 'recovery_code', name: '', handle: 'spare' }),
      testAuthenticator({ id: 'mail', kind: 'email_code', data: { email: 'ann@example.com' } }),
    ]),
    tokens: tokensOfAnn(),
  });

type Looks = (changes: Partial<StageContext<unknown>>) => StageContext<unknown>;

/** Pages by name: `stage-password`, `stage-password-2` … */
export async function stageGallery(): Promise<ReadonlyMap<string, Shown>> {
  const found = new Map<string, Shown>();
  for (const stage of stages) {
    const seen = new Set<string>();
    for (const options of optionsOf(stage)) {
      for (const shown of await shownBy(stage, options)) {
        const key = lookOf(shown);
        if (seen.has(key)) continue;
        seen.add(key);
        found.set(`stage-${stage.type}${seen.size === 1 ? '' : `-${seen.size}`}`, shown);
      }
    }
  }
  return found;
}

/** Its appearance: pages that differ only in words are checked once, a rejection once per title. */
function lookOf(shown: Shown): string {
  if (shown.kind === 'stop') return JSON.stringify(shown.text);
  const { title, fields } = shown.challenge;
  const isWrong = fields.some((one) => 'error' in one && one.error !== undefined);
  if (shown.rejection !== undefined) return JSON.stringify([title, isWrong]);
  return JSON.stringify([title, ...new Set(fields.map((one) => one.kind))]);
}

/** The example, and all that differ from it in one value. */
function optionsOf(stage: AnyStage): readonly unknown[] {
  const example = exampleOf(stage, readmeOf('stages', stage.type));
  const others = variations(shapeOf(stage.config)).map(([name, value]) => ({
    ...example,
    [name]: value,
  }));
  return [example, {}, ...others].flatMap((options) => {
    const parsed = stage.config.safeParse(options);
    return parsed.success ? [parsed.data] : [];
  });
}

async function shownBy(stage: AnyStage, config: unknown): Promise<readonly Shown[]> {
  const looks: Looks = (changes) =>
    stageContext(stage, config, { app: APP, proofs: PROOFS, ...changes }, ports());
  const first = await stage.open(looks({}));
  if (stage.submission === null || first.kind !== 'ask') return only([first]);
  const learned = { ...first.learned };
  const poor = poorAnswer(stage, config, first);
  const answers = [poor, ...waysOf(first).map((way) => ({ ...poor, ...way }))];
  const next = await Promise.all(answers.map((answer) => stage.submit(looks({ learned }), answer)));
  const refused = await Promise.all(
    (['wrong', 'throttled'] as const).map((result) =>
      stage.submit(
        looks({
          learned,
          prove: () =>
            Promise.resolve(
              result === 'throttled' ? { result, retryAt: START + 180_000 } : { result },
            ),
        }),
        poor,
      ),
    ),
  );
  const later = await Promise.all(
    (LATER[stage.type] ?? []).flatMap((after) =>
      [null, 'dwt_AbCdEfG0123456789abcdefghijklmnopq0YqIgF'].map((shown) =>
        stage.open(looks({ learned: after, shown })),
      ),
    ),
  );
  return only([first, ...next, ...refused, ...later]);
}

/** The minimum that the form must send: a plausible name or address, and no right value. */
function poorAnswer(stage: AnyStage, config: unknown, { challenge }: Ask): object {
  const { success, error } = submissionShape(stage, config)?.safeParse({}) ?? { success: true };
  const missing = success ? [] : (error?.issues.map(({ path }) => String(path[0])) ?? []);
  const addresses = challenge.fields.flatMap((one) => (one.kind === 'email' ? [one.name] : []));
  return {
    ...Object.fromEntries(missing.map((name) => [name, '1'])),
    ...Object.fromEntries(addresses.map((name) => [name, 'ann@example.com'])),
  };
}

/** The submissions of buttons that lead another way. */
function waysOf({ challenge }: Ask): readonly object[] {
  return challenge.fields.flatMap((field) => {
    if (field.kind === 'items') return field.items.map(({ value }) => ({ [field.name]: value }));
    return field.kind === 'choice'
      ? field.options.map(({ value }) => ({ [field.name]: value }))
      : [];
  });
}

function only(steps: readonly Step[]): readonly Shown[] {
  return steps.filter((step) => step.kind === 'ask' || step.kind === 'stop');
}

import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOf } from '../../../test/support/factors.ts';
import { fakeVault } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';
import { Problem } from '../../core/values/problem.ts';
import { captcha } from './stage.ts';
import { isSolved, type Task, taskOf } from './work.ts';

const WORK = { kind: 'proof_of_work', effort: 1000 };
const TURNSTILE = { kind: 'turnstile', site_key: 'public', secret: 'hush' };

async function reach(options: Record<string, unknown>) {
  const words = [
    { type: 'captcha', ...options },
    { type: 'message', title: 'In', text: 'Hi' },
  ];
  const engine = flowEngine({ flows: [testFlow('form', words)] });
  const browser = flowBrowser(engine);
  return { engine, browser, page: await browser.open('/flow/form') };
}

/** Solves the task as the page's script does. */
function solve({ challenge, salt, maxnumber }: Task): string {
  for (let number = 0; number <= maxnumber; number += 1) {
    const hash = createHash('sha256').update(`${salt}${number}`).digest('hex');
    if (hash === challenge)
      return JSON.stringify({ algorithm: 'SHA-256', challenge, number, salt });
  }
  throw new Error('no solution');
}

const isIn = (page: { readonly view: { readonly challenge: { readonly type: string } } }) =>
  page.view.challenge.type === 'message';

describe('captcha by proof of work', () => {
  it('passes with the right solution', async () => {
    const { browser, page } = await reach(WORK);
    expect(isIn(await browser.submit(page, { work: solve(fieldOf(page, 'work').task) }))).toBe(
      true,
    );
  });

  it.each(['', '{}', 'null', '[1]', '{"number":-1,"salt":"x"}', 'x'.repeat(1024)])(
    'rejects %j, and sets another task',
    async (work) => {
      const { browser, page } = await reach(WORK);
      const again = await browser.submit(page, { work });
      expect(again.view.rejection).toEqual({ key: 'captcha.wrong' });
      expect(fieldOf(again, 'work').task.salt).not.toBe(fieldOf(page, 'work').task.salt);
    },
  );

  it('rejects a solution of another run, or of an earlier task', async () => {
    const { browser, page } = await reach(WORK);
    const other = await browser.open('/flow/form');
    const foreign = { work: solve(fieldOf(other, 'work').task) };
    const again = await browser.submit(page, foreign);
    expect(again.view.rejection).toEqual({ key: 'captcha.wrong' });
    const old = { work: solve(fieldOf(page, 'work').task) };
    expect((await browser.submit(again, old)).view.rejection).toEqual({ key: 'captcha.wrong' });
    const right = { work: solve(fieldOf(again, 'work').task) };
    const third = await browser.open(again.view.action);
    expect(isIn(await browser.submit(third, right))).toBe(false);
  });

  it('accepts a solution once', async () => {
    const { engine, browser, page } = await reach(WORK);
    const { task } = fieldOf(page, 'work');
    await engine.marks.take(`captcha:${task.salt}`, Infinity);
    const again = await browser.submit(page, { work: solve(task) });
    expect(again.view.rejection).toEqual({ key: 'captcha.wrong' });
  });

  it('is solved by one number, and by that alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(2000), (nonce, number) => {
        const task = taskOf(fakeVault(), nonce, 1000);
        const right = JSON.parse(solve(task)) as { readonly number: number };
        const tried = JSON.stringify({ number, salt: task.salt });
        expect(isSolved(task, tried)).toBe(number === right.number);
      }),
    );
  });
});

describe('captcha by an external provider', () => {
  it.each([
    ['turnstile', 'https://challenges.cloudflare.com/turnstile/v0/siteverify'],
    ['hcaptcha', 'https://api.hcaptcha.com/siteverify'],
    ['recaptcha', 'https://www.google.com/recaptcha/api/siteverify'],
  ])('queries %s once, with the secret that no page shows', async (kind, url) => {
    const { engine, browser, page } = await reach({ ...TURNSTILE, kind });
    expect(fieldOf(page, 'captcha')).toMatchObject({ provider: kind, siteKey: 'public' });
    expect(page.text).not.toContain('hush');
    expect(isIn(await browser.submit(page, { captcha: 'token' }))).toBe(true);
    expect(engine.outside.requests).toHaveLength(1);
    expect(engine.outside.requests[0]).toMatchObject({
      url,
      form: { secret: 'hush', response: 'token' },
    });
    const second = await browser.open('/flow/form');
    expect(isIn(await browser.submit(second, { captcha: 'token' }))).toBe(false);
    expect(engine.outside.requests).toHaveLength(1);
  });

  it.each([
    { success: false },
    {},
    null,
    { success: 'true' },
    { success: true, hostname: 'evil.example' },
  ])('treats %j as a failure', async (answer) => {
    const { engine, browser, page } = await reach(TURNSTILE);
    engine.outside.answer = answer;
    const again = await browser.submit(page, { captcha: 'token' });
    expect(again.view.rejection).toEqual({ key: 'captcha.wrong' });
  });

  it('rejects every submission when the provider does not respond', async () => {
    const { engine, browser, page } = await reach(TURNSTILE);
    engine.outside.answer = new Problem('outside/unavailable', 'Gone.', { status: 503 });
    const again = await browser.submit(page, { captcha: 'token' });
    expect(again.view.rejection).toEqual({ key: 'captcha.unavailable' });
  });

  it('sends no request without a submission', async () => {
    const { engine, browser, page } = await reach(TURNSTILE);
    await browser.submit(page);
    expect(engine.outside.requests).toEqual([]);
  });

  it.each([{ kind: 'turnstile' }, { kind: 'riddle' }, { ...WORK, secret: 'x' }])(
    'refuses options %j',
    (options) => {
      expect(captcha.config.safeParse(options).success).toBe(false);
    },
  );
});

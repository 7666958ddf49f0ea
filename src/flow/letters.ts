/**
 * Letters on their way, at most so many to one address and from one address. Those beyond are
 * dropped without a word on the page: whoever asks could tell by it which names exist.
 */
import type { Letter } from '../core/mail.ts';
import { foldName } from '../core/user.ts';
import { addressBlock } from '../core/address-block.ts';
import { DEFAULT_RULES, type FlowDeps } from './deps.ts';
import type { Run } from './run.ts';

/** Hands a letter over, or drops it and tells the event. One to nobody is counted alike and goes nowhere. */
export async function dispatch(
  deps: Pick<FlowDeps, 'stores' | 'vault' | 'events' | 'rules' | 'letters'>,
  letter: Letter,
  run: Run,
): Promise<void> {
  const { throttle } = deps.stores;
  const rules = deps.rules ?? DEFAULT_RULES;
  const recipient = `letter:${deps.vault.name('letter', foldName(letter.to))}`;
  const sender = `letter-from:${addressBlock(run.facts.clientIp)}`;
  const taken =
    (await throttle.take(sender, rules.address, run.now)).allowed &&
    (await throttle.take(recipient, rules.letter, run.now)).allowed;
  if (letter.to === '') return;
  if (taken) return deps.letters.send(letter);
  deps.events.emit({
    type: 'sign-in',
    flow: run.flow.name,
    method: letter.template,
    result: 'throttled',
    userId: null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
}

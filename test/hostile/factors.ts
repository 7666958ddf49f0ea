/** Second factors of users in a flow world, set up through its own flows. */
import type { Client } from '../support/client.ts';
import { type Phone, phoneWith } from '../support/phone.ts';
import { codeOf, type FlowWorld, type Reply } from './flow-world.ts';

/** A field of the requested input, by its kind; throws if it is missing. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
export function fieldOf({ json }: Reply, kind: string): any {
  const fields: readonly { readonly kind: string }[] = json.challenge?.fields ?? [];
  const field = fields.find((one) => one.kind === kind);
  if (field === undefined) throw new Error(`no ${kind} in ${JSON.stringify(json)}`);
  return field;
}

/** An authenticator app, with the browser that set it up and the code that confirmed it. */
export async function setUpPhone(
  world: FlowWorld,
  name: string,
): Promise<{ readonly client: Client; readonly phone: Phone; readonly setUpCode: string }> {
  const { client } = await world.named(name);
  const shown = await world.begin('setup-totp', client);
  const phone = phoneWith(fieldOf(shown, 'qr').secret);
  const setUpCode = phone.code();
  await confirmed(world, shown, { code: setUpCode });
  return { client, phone, setUpCode };
}

/** Recovery codes, for a user without a second factor. */
export async function getCodes(world: FlowWorld, name: string): Promise<readonly string[]> {
  const { client } = await world.named(name);
  const shown = await world.begin('setup-codes', client);
  await confirmed(world, shown, { kept: true });
  return fieldOf(shown, 'codes').codes;
}

/** Codes sent to the user's own address, for a user without a second factor. */
export async function setUpMail(world: FlowWorld, name: string): Promise<void> {
  const { client } = await world.named(name);
  const first = await world.begin('setup-mail', client);
  const question = await world.reply(first, { email: `${name}@example.test` });
  await confirmed(world, question, { code: codeOf(await world.emailTo(name)) });
}

async function confirmed(world: FlowWorld, shown: Reply, answer: object): Promise<void> {
  const { status, json } = await world.reply(shown, answer);
  if (json?.done !== true) throw new Error(`not set up: ${status} ${JSON.stringify(json)}`);
}

/** A script that runs flows as JSON: returns the required values, and submits input. */
import { type Answer, Client, FETCH } from './client.ts';

/** A reply of a flow. */
export interface Reply {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  readonly json: any;
}

/** A script at a portal, and the last reply of a flow. */
export interface Talk {
  readonly portal: string;
  readonly client: Client;
  readonly reply: Reply;
}

/** The input that a script submits. */
export type Given = Readonly<Record<string, string | boolean>>;

/** Opens a flow, with `query` as in `?rd=…`; skips an introductory page. */
export async function begin(
  portal: string,
  client: Client,
  flow: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Talk> {
  const url = `${portal}/api/flow/${flow}?${new URLSearchParams(query).toString()}`;
  const reply = replyOf(await client.send(url, { headers: FETCH }));
  const talk = { portal, client, reply };
  return reply.json.stage?.type === 'continue' ? answer(talk, {}) : talk;
}

/** Responds to the latest challenge, and returns the reply. */
export async function answer({ portal, client, reply }: Talk, given: Given): Promise<Talk> {
  const { flow, seed, plan, csrf, link } = reply.json;
  const answered = await client.send(`${portal}/api/flow/${flow.name}`, {
    method: 'POST',
    headers: { ...FETCH, 'content-type': 'application/json', origin: portal },
    body: JSON.stringify({ seed, plan, csrf, link, answer: given }),
  });
  return { portal, client, reply: replyOf(answered) };
}

/** Submits username and password. */
export async function named(
  portal: string,
  name: string,
  password: string,
  flow = 'login',
): Promise<Talk> {
  const question = await answer(await begin(portal, new Client(), flow), { login: name });
  return answer(question, { password });
}

/** A field of the challenge by its kind or name. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export function fieldOf(reply: Reply, name: string): any {
  const fields: readonly { readonly kind: string; readonly name?: string }[] =
    reply.json.challenge?.fields ?? [];
  const field = fields.find((one) => one.name === name || one.kind === name);
  if (field === undefined) throw new Error(`no ${name} in ${JSON.stringify(reply.json)}`);
  return field;
}

function replyOf({ status, body }: Answer): Reply {
  return { status, json: JSON.parse(body) };
}

/** A script that goes through flows as JSON: gives back what must come back, and answers. */
import { type Answer, Client, FETCH } from './client.ts';

/** What a flow said. */
export interface Said {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read replies of any shape
  readonly json: any;
}

/** A script at a portal, and what a flow said to it last. */
export interface Talk {
  readonly portal: string;
  readonly client: Client;
  readonly said: Said;
}

/** What a script gives as an answer. */
export type Given = Readonly<Record<string, string | boolean>>;

/** Opens a flow, `query` as in `?rd=…`; one that only wants a click first gets it. */
export async function begin(
  portal: string,
  client: Client,
  flow: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Talk> {
  const url = `${portal}/api/flow/${flow}?${new URLSearchParams(query).toString()}`;
  const said = saidBy(await client.send(url, { headers: FETCH }));
  const talk = { portal, client, said };
  return said.json.stage?.type === 'continue' ? answer(talk, {}) : talk;
}

/** Answers the challenge that was said last, and hears what comes of it. */
export async function answer({ portal, client, said }: Talk, given: Given): Promise<Talk> {
  const { flow, seed, plan, csrf, link } = said.json;
  const answered = await client.send(`${portal}/api/flow/${flow.name}`, {
    method: 'POST',
    headers: { ...FETCH, 'content-type': 'application/json', origin: portal },
    body: JSON.stringify({ seed, plan, csrf, link, answer: given }),
  });
  return { portal, client, said: saidBy(answered) };
}

/** Name and password given. */
export async function named(
  portal: string,
  name: string,
  password: string,
  flow = 'login',
): Promise<Talk> {
  const asked = await answer(await begin(portal, new Client(), flow), { login: name });
  return answer(asked, { password });
}

/** A field of the challenge by its kind or name. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
export function fieldOf(said: Said, name: string): any {
  const fields: readonly { readonly kind: string; readonly name?: string }[] =
    said.json.challenge?.fields ?? [];
  const field = fields.find((one) => one.name === name || one.kind === name);
  if (field === undefined) throw new Error(`no ${name} in ${JSON.stringify(said.json)}`);
  return field;
}

function saidBy({ status, body }: Answer): Said {
  return { status, json: JSON.parse(body) };
}

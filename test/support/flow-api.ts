/** A script that goes through flows as JSON: gives back what must come back, and answers. */
import { type Client, FETCH } from './client.ts';

/** What a flow said. */
export interface Said {
  readonly status: number;
  readonly cookies: readonly string[];
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  readonly json: any;
}

/** Opens a flow; `query` as in `?rd=…`. */
export async function beginFlow(
  client: Client,
  portal: string,
  flow: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const url = `${portal}/api/flow/${flow}?${new URLSearchParams(query).toString()}`;
  const answer = await client.send(url, { headers: FETCH });
  return { status: answer.status, cookies: answer.cookies, json: JSON.parse(answer.body) };
}

/** Answers the challenge that was said last. */
export async function answerFlow(
  client: Client,
  portal: string,
  said: Said,
  answer: Readonly<Record<string, string | boolean>>,
): Promise<Said> {
  const { flow, seed, plan, csrf } = said.json;
  const answered = await client.send(`${portal}/api/flow/${flow.name}`, {
    method: 'POST',
    headers: { ...FETCH, 'content-type': 'application/json', origin: portal },
    body: JSON.stringify({ seed, plan, csrf, answer }),
  });
  return { status: answered.status, cookies: answered.cookies, json: JSON.parse(answered.body) };
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

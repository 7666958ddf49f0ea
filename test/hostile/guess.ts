/** Signs in through the JSON endpoint, as a client that guesses passwords would. */
import { type Answer, Client } from '../support/client.ts';
import type { Gateway } from '../support/gateway.ts';

/** The outcome of one guess. */
export interface Guess {
  /** 200 right, 401 wrong, 422 invalid submission, 429 too many, 503 too busy. */
  readonly status: number;
  readonly answer: Answer;
  readonly client: Client;
}

/** What to submit beside name and password. */
export interface Guessing {
  /** The guessing browser; a new one by default. */
  readonly client?: Client;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Challenge {
  readonly seed?: string;
  readonly plan?: string;
  readonly csrf: string;
  readonly revision: string;
  readonly stage: { readonly id: string };
}

/** One guess in a run of its own. */
export async function guess(
  gateway: Gateway,
  login: unknown,
  password: unknown,
  { client = new Client(), headers = {} }: Guessing = {},
): Promise<Guess> {
  const url = `${gateway.portal}/api/flow/login`;
  const first = await client.send(`${url}?as=other`, { headers });
  const second = await reply(client, url, first, { login }, headers);
  if (second.status !== 200) return { status: second.status, answer: second, client };
  const third = await reply(client, url, second, { password }, headers);
  return { status: third.status, answer: third, client };
}

/** Submits the reply to a challenge. */
function reply(
  client: Client,
  url: string,
  question: Answer,
  answer: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  if (question.status !== 200) return Promise.resolve(question);
  const { seed, plan, csrf, revision, stage } = JSON.parse(question.body) as Challenge;
  return client.send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(url).origin, ...headers },
    body: JSON.stringify({
      ...(seed === undefined ? { plan } : { seed }),
      csrf,
      revision,
      stage: stage.id,
      answer,
    }),
  });
}

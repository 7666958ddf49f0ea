/** What users do and read on the pages of a flow site. */
import { expect } from 'vitest';
import type { Json } from '../../src/core/values/json.ts';
import { type Answer, Client, unescapeHtml } from './client.ts';
import { type FlowSite, PASSWORD } from './flow-site.ts';
import { type Phone, phoneWith } from './phone.ts';

/** What a new user enters besides a name. */
export const CHOSEN = {
  password: 'a new long password',
  password_repeat: 'a new long password',
};

/** Signs in by username and password, and opens the wiki. */
export async function signedIn(site: FlowSite, name: string, password = PASSWORD): Promise<Client> {
  const client = new Client();
  const end = await client.signIn(site.wiki, name, password);
  expect(end).toMatchObject({ status: 200, url: site.wiki });
  return client;
}

/** Sets up an app; returns the phone that has it. */
export async function setUpPhone(site: FlowSite, client: Client): Promise<Phone> {
  const shown = await past(client, await client.follow(site.flow('setup-totp')));
  const phone = phoneWith(shownSecret(shown));
  const done = await client.submitAndFollow(shown, { code: phone.code() });
  expect(done).toMatchObject({ status: 200, url: `${site.gateway.portal}/` });
  return phone;
}

/** Ten new recovery codes, confirmed as saved. */
export async function getCodes(site: FlowSite, client: Client): Promise<readonly string[]> {
  const page = await past(client, await client.follow(site.flow('setup-recovery-codes')));
  const codes = shownCodes(page);
  expect(codes).toHaveLength(10);
  await client.submitAndFollow(page, { kept: 'on' });
  return codes;
}

/** Continues up to the question for a second factor, on the way to the desk. */
export async function atSecondFactor(
  site: FlowSite,
  name: string,
): Promise<{ readonly client: Client; readonly page: Answer }> {
  const client = new Client();
  const page = await client.signIn(site.desk, name, PASSWORD);
  expect(new URL(page.url).pathname).toBe('/flow/with-factor');
  return { client, page };
}

/** Skips an introductory page, if there is one. */
export function past(client: Client, page: Answer): Promise<Answer> {
  const isClick = headingOf(page) === 'One more click';
  return isClick ? client.submitAndFollow(page, {}) : Promise.resolve(page);
}

/** The secret of an authenticator app as a page shows it for typing. */
export function shownSecret(page: Answer): string {
  const secret = /<code data-keep>([A-Z2-7 ]+)<\/code>/.exec(page.body)?.[1] ?? '';
  expect(secret).not.toBe('');
  return secret;
}

/** Recovery codes as a page shows them. */
export function shownCodes(page: Answer): readonly string[] {
  return [...page.body.matchAll(/<li><code data-keep>([^<]+)<\/code>/g)].map((m) => m[1] ?? '');
}

/** The options that a page gives the browser for its passkey dialog. */
export function passkeyOptions(page: Answer): Json {
  const options = /data-ceremony="\w+"[^>]*? data-options="([^"]*)"/.exec(page.body)?.[1] ?? '';
  return JSON.parse(unescapeHtml(options)) as Json;
}

/** The heading of a page. */
export function headingOf(page: Answer): string {
  const heading = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.body)?.[1]?.trim();
  return heading === undefined ? `none (${page.status})` : unescapeHtml(heading);
}

/** The target of a link on a page, by its text. */
export function linkOf(page: Answer, words: string): string {
  const links = [...page.body.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>([^<]*)<\/a>/g)];
  const href = links.find(([, , text = '']) => unescapeHtml(text).trim() === words)?.[1];
  if (href === undefined) throw new Error(`no link "${words}" at ${page.url}`);
  return new URL(unescapeHtml(href), page.url).href;
}

/** Whether a reply sets a ticket. */
export function bringsTicket(answer: Answer): boolean {
  return answer.cookies.some((line) => /^doorward=[^;]/.test(line));
}

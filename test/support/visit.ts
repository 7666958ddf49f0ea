/**
 * How a user operates a browser: reads headings, types into the focused field; and the errors that
 * the browser reports.
 */
import type { BrowserContext, Locator, Page } from 'playwright-core';

/** Resolves when the page has this heading; fails with the actual one. */
export async function seesHeading(page: Page, text: string): Promise<void> {
  const heading = page.getByRole('heading', { level: 1, name: text, exact: true });
  await heading.waitFor().catch(async (cause: unknown) => {
    const shown = await page.locator('h1').allInnerTexts();
    throw new Error(`no "${text}" at ${page.url()} but ${JSON.stringify(shown)}`, { cause });
  });
}

/** From the first page of a sign-in to the app, with the keyboard alone. */
export async function typeSignIn(page: Page, name: string, password: string): Promise<void> {
  await typeName(page, name);
  await typeInto(page, 'password', password);
  await page.keyboard.press('Enter');
}

/** The first page of a sign-in alone. */
export async function typeName(page: Page, name: string): Promise<void> {
  await typeInto(page, 'login', name);
  await page.keyboard.press('Enter');
  await page.locator('input[name=password]').waitFor();
}

async function typeInto(page: Page, field: string, text: string): Promise<void> {
  const input = await focused(page, field);
  await input.waitFor();
  await page.keyboard.type(text);
}

async function focused(page: Page, field: string): Promise<Locator> {
  // Only the tab in front receives focus.
  await page.bringToFront();
  return page.locator(`input[name=${field}]:focus`);
}

/** Fills a field once the page has focused it. Filled sooner, the browser reports that it could not. */
export async function fillFocused(page: Page, field: string, text: string): Promise<void> {
  await (await focused(page, field)).fill(text);
}

/**
 * Removes all cookies from a browser. Leaves the page first: its icon may still be loading, and
 * would be refused without the cookie.
 */
export async function forgetCookies(context: BrowserContext, page: Page): Promise<void> {
  await page.goto('about:blank');
  await context.clearCookies();
}

/**
 * Records the browser's errors, including refusals by Content-Security-Policy, and returns a
 * function that throws them all at the end. The status of a refused page is no error, and neither
 * is leaving a page before it is complete.
 */
export function watchComplaints(context: BrowserContext): () => void {
  const refused = new Set<string>();
  const complaints: { readonly url: string; readonly text: string }[] = [];
  context.on('response', (response) => {
    const isPage = response.request().isNavigationRequest();
    if (isPage && response.status() >= 400) refused.add(response.url());
  });
  context.on('console', (message) => {
    complaints.push({ url: message.location().url, text: message.text() });
  });
  context.on('weberror', (error) => {
    complaints.push({ url: '', text: error.error().message });
  });
  context.on('requestfailed', (request) => {
    const text = request.failure()?.errorText ?? '';
    if (text !== 'net::ERR_ABORTED') complaints.push({ url: request.url(), text });
  });
  return () => {
    const serious = complaints.filter(
      ({ url, text }) => !(refused.has(url) && text.startsWith('Failed to load resource')),
    );
    if (serious.length === 0) return;
    throw new Error(serious.map(({ url, text }) => `${url}: ${text}`).join('\n'));
  };
}

/**
 * An app inside a frame, in a real browser: at the gateway itself and behind nginx, which asks twice.
 * The sign-in never appears in the frame, and nothing there can be clicked but a link to the app.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWithoutBrowser, launchBrowser, newContext } from '../support/browser.ts';
import { startNginx } from '../support/nginx.ts';
import { isLeftOut } from '../support/packages.ts';
import { type Door, PASSWORD, type Site, startSite } from '../support/site.ts';
import { typeSignIn } from '../support/visit.ts';

const DOORS: readonly Door[] = [
  { name: 'at the gateway itself', example: 'nginx', start: null },
  ...(isLeftOut('nginx')
    ? []
    : [
        {
          name: 'behind nginx',
          example: 'nginx' as const,
          start: ({ dir, port }: { readonly dir: string; readonly port: number }) =>
            startNginx(dir, port),
        },
      ]),
];

let browser: Browser;
/** A page with a frame, whose address is the query; under any host. */
let embedder: Server;

beforeAll(async () => {
  if (isWithoutBrowser) return;
  browser = await launchBrowser();
  embedder = createServer(({ url = '' }, response) => {
    const framed = decodeURIComponent(new URL(url, 'http://x').search.slice(1));
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<iframe src="${framed}" width="700" height="600"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(embedder, 'listening');
});
afterAll(async () => {
  await browser?.close();
  embedder?.close();
});

describe.skipIf(isWithoutBrowser).each(DOORS)('FRAME: an app in a frame $name', (door) => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite(door);
  });
  afterAll(() => site?.close());

  /** A page of this host, with this address in its frame. */
  const embed = async (context: BrowserContext, host: string, url: string) => {
    const page = await context.newPage();
    const { port } = embedder.address() as AddressInfo;
    await page.goto(`http://${host}:${port}/?${encodeURIComponent(url)}`);
    return { page, frame: page.frameLocator('iframe') };
  };
  /** Follows the link of the frame's page into a new tab. */
  const openTab = async (page: Page, frame: FrameLocator): Promise<Page> => {
    const opened = page.waitForEvent('popup');
    await frame.getByRole('link', { name: 'Open in a new tab' }).click();
    return opened;
  };

  it('signs in in a tab of its own, and a reload then shows the app', async () => {
    const context = await newContext(browser);
    const url = `${site.wiki}/x`;
    const { page, frame } = await embed(context, 'home.demo.localhost', url);
    await frame.getByRole('heading', { name: 'Sign in to see this page' }).waitFor();
    expect(await frame.locator('.facts code').count()).toBe(1);
    const tab = await openTab(page, frame);
    await typeSignIn(tab, 'ann', PASSWORD);
    await tab.waitForURL(url);
    // The tab cannot reach the page that opened it.
    expect(await tab.evaluate('window.opener')).toBe(null);
    await frame.getByRole('link', { name: 'Reload' }).click();
    await frame.getByText('"app":"wiki"').waitFor();
    await context.close();
  });

  it('says that another website embeds it, where no sign-in helps', async () => {
    const context = await newContext(browser);
    const url = `${site.wiki}/x`;
    const { page, frame } = await embed(context, 'other.localhost', url);
    const heading = frame.getByRole('heading', { name: 'This page cannot be shown here' });
    await heading.waitFor();
    const tab = await openTab(page, frame);
    await typeSignIn(tab, 'ann', PASSWORD);
    await tab.waitForURL(url);
    expect(await frame.getByRole('link').count()).toBe(1);
    await page.reload();
    await heading.waitFor();
    await context.close();
  });

  it('opens nothing but the app, and the sign-in itself is not shown in a frame', async () => {
    const context = await newContext(browser);
    const url = `${site.wiki}//evil.example/?rd=https://evil.example/`;
    const { frame } = await embed(context, 'other.localhost', url);
    const link = frame.getByRole('link', { name: 'Open in a new tab' });
    expect(await link.getAttribute('href')).toBe(url);
    expect(await frame.locator('form, input, button, script').count()).toBe(0);
    const login = `${site.portal}/flow/login?rd=${encodeURIComponent(`${site.wiki}/x`)}`;
    const { page } = await embed(context, 'other.localhost', login);
    const framed = page.frames()[1];
    expect(framed?.url()).not.toContain('/flow/login');
    await context.close();
  });
});

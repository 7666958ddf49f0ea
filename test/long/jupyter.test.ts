/** Jupyter in Chromium: pages, scripts, and a kernel that answers over a websocket. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Door, onEachWay, openDoor, openFolder } from '../clients/door.ts';
import { launchBrowser, newContext } from '../support/browser.ts';
import { PASSWORD } from '../support/gateway.ts';
import { needBinary } from '../support/packages.ts';
import { freePort } from '../support/ports.ts';
import { isListening, type Program, startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';
import { typeSignIn } from '../support/visit.ts';

const NAME = '100% done; größer.ipynb';
const CELL = {
  cell_type: 'code',
  execution_count: null,
  metadata: {},
  outputs: [],
  source: 'print(6 * 7)',
};
const NOTEBOOK = {
  cells: [CELL],
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
  nbformat: 4,
  nbformat_minor: 4,
};

onEachWay('Jupyter', ['chromium', 'jupyter-notebook'], (mode) => {
  let files: string;
  let app: Program;
  let door: Door;
  let browser: Browser;
  beforeAll(async () => {
    files = openFolder();
    const notebooks = join(files, 'notebooks');
    mkdirSync(notebooks);
    writeFileSync(join(notebooks, NAME), JSON.stringify(NOTEBOOK));
    const port = await freePort();
    const settings = {
      ip: '127.0.0.1',
      port,
      open_browser: false,
      notebook_dir: notebooks,
      // Doorward is the sign-in, and passes the public Host on.
      token: '',
      allow_remote_access: true,
      allow_root: true,
    };
    const config = join(files, 'config.json');
    writeFileSync(config, JSON.stringify({ NotebookApp: settings }));
    app = await startProgram(needBinary('jupyter-notebook'), [`--config=${config}`], {
      env: { HOME: files },
      isReady: () => isListening(port),
    });
    door = await openDoor(mode, [
      `{ id: lab, host: lab.gw.test, upstream: "http://127.0.0.1:${port}", paths: [{ path: /api/sessions/**, policies: [{ type: group, any: [admins] }] }] }`,
    ]);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await door?.close();
    await app?.stop();
    rmSync(files, { recursive: true, force: true });
  });

  /** The notebook, opened by a user who signs in on the way. */
  const open = async (user: string) => {
    const context = await newContext(browser);
    const page = await context.newPage();
    await page.goto(`${door.url('lab')}/notebooks/${encodeURIComponent(NAME)}`);
    await typeSignIn(page, user, PASSWORD);
    await page.locator('#notebook-container .cell').first().waitFor();
    return { context, page };
  };

  it('runs a cell of a notebook with an odd name', async () => {
    const { context, page } = await open('bob');
    const output = page.locator('.output_stdout');
    await page.locator('.kernel_idle_icon').waitFor();
    await page.locator('.CodeMirror').first().click();
    await page.keyboard.press('Shift+Enter');
    await output.waitFor();
    expect(await output.innerText()).toContain('42');
    expect(decodeURIComponent(page.url())).toContain(NAME);
    await context.close();
  });

  it('starts no kernel for a user who may not', async () => {
    const { context, page } = await open('alice');
    const refused: number[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/sessions')) refused.push(response.status());
    });
    await page.reload();
    await until('a kernel is refused', () => refused.length > 0);
    expect(refused).toContain(403);
    await context.close();
  });
});

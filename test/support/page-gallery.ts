/**
 * Every page that Doorward has, on a real socket: portal pages under `auth.`, refusals under the
 * host of an app, the questions of all stages as they ask them, and emails. In the language that
 * the browser requests.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_ACCENT } from '../../src/core/setup/brand.ts';
import type { Body } from '../../src/core/request/dialect.ts';
import type { Challenge, Field } from '../../src/core/flow/challenge.ts';
import { circleWords } from '../../src/flow/browser/circle-cause.ts';
import { flowTexts } from '../../src/flow/web/texts.ts';
import { createAssets } from '../../src/pages/frame/assets.ts';
import { contentSecurityPolicy } from '../../src/pages/frame/csp.ts';
import { createPages, type Pages } from '../../src/pages/pages.ts';
import type { FlowPageView, NoticePageView } from '../../src/pages/views.ts';
import { policies } from '../../src/policies/index.ts';
import { stages } from '../../src/stages/index.ts';
import { fieldChallenges, germanPages, WORK } from './field-gallery.ts';
import { emailPages, OF_EMAILS } from './email-gallery.ts';
import { refusal, refusalBodies } from './refusal-gallery.ts';
import { testLive, testSnapshot } from './snapshot.ts';
import { type Shown, stageGallery } from './stage-gallery.ts';

const say = (literal: string) => ({ literal });
const BRAND = { name: 'Doorward', accent: DEFAULT_ACCENT, logo: null };
const WIKI = { title: 'Wiki', host: 'wiki.demo.localhost' };

const identification: Challenge = {
  type: 'identification',
  title: say('Sign in'),
  fields: [
    {
      kind: 'text',
      name: 'login',
      label: say('Name or e-mail'),
      autocomplete: 'username webauthn',
      required: true,
      maxLength: 254,
    },
  ],
  submit: say('Continue'),
};

const password: Challenge = {
  type: 'password',
  title: say('Enter your password'),
  fields: [
    { kind: 'username', value: 'ann@example.com' },
    {
      kind: 'password',
      name: 'password',
      label: say('Password'),
      autocomplete: 'current-password',
      required: true,
      maxLength: 1024,
    },
    {
      kind: 'checkbox',
      name: 'remember',
      label: say('Keep me signed in on this device'),
      checked: false,
    },
  ],
  submit: say('Sign in'),
  restart: say('Not you?'),
};

const enrolment: Challenge = {
  type: 'prompt',
  title: say('Make your account'),
  lead: say('You were invited by Bea. This takes a minute.'),
  fields: [
    {
      kind: 'text-block',
      text: say('We use your address to let you in again, and for nothing else.'),
    },
    {
      kind: 'email',
      name: 'email',
      label: say('E-mail'),
      value: 'ann@',
      required: true,
      maxLength: 254,
      error: say('This does not look like an e-mail address.'),
    },
    {
      kind: 'code',
      name: 'code',
      label: say('Code from the e-mail'),
      required: true,
      maxLength: 16,
    },
    {
      kind: 'password',
      name: 'new_password',
      label: say('New password'),
      autocomplete: 'new-password',
      required: true,
      maxLength: 1024,
      error: say('Please use at least twelve characters.'),
    },
  ],
  submit: say('Make account'),
};

const leaving: Challenge = {
  type: 'user_logout',
  title: say('Sign out?'),
  lead: say('This ends your session in all apps, on this device.'),
  fields: [],
  submit: say('Sign out'),
};

const CAUSES = ['no-cookie', 'scheme', 'two-cookies', 'unrecognized', 'app-cookie', 'app'] as const;

const fields = fieldChallenges(createHash('sha256').update(`${WORK.salt}4242`).digest('hex'));

const ENGLISH = 'en-GB,en;q=0.9';

function flow(changes: Partial<FlowPageView>): FlowPageView {
  return {
    brand: BRAND,
    language: ENGLISH,
    flow: { name: 'login', title: 'Sign in' },
    app: null,
    challenge: identification,
    action: '/flow/login?plan=example',
    hidden: { csrf: 'example', seed: 'example' },
    rejection: null,
    notice: null,
    step: null,
    restartUrl: '/flow/login',
    ...changes,
  };
}

const notice: NoticePageView = {
  brand: BRAND,
  language: null,
  title: say('You are signed out'),
  text: say('Two sessions were ended: Wiki and Notes will ask you to sign in again.'),
  tone: 'info',
  primary: { href: '/flow/login', label: say('Sign in again') },
  requestId: null,
  code: null,
};

/** The same pages in this language, whatever the fixtures contain. */
function speaking(pages: Pages, language: string): Pages {
  return {
    ...pages,
    flowPage: (view) => pages.flowPage({ ...view, language }),
    noticePage: (view) => pages.noticePage({ ...view, language }),
    homePage: (view) => pages.homePage({ ...view, language }),
  };
}

/** A stage's challenge, as a page. */
function stagePage(pages: Pages, shown: Shown, language: string): Body {
  const made = speaking(pages, language);
  if (shown.kind === 'ask') {
    const { challenge, rejection: message = null } = shown;
    return made.flowPage(flow({ challenge, rejection: message, app: WIKI }));
  }
  const { text, reason } = shown;
  const { requestId } = refusal;
  const title = { key: 'flow.title.stopped' };
  return made.noticePage({ ...notice, title, text, tone: 'refused', requestId, code: reason.code });
}

/** Pages on the portal's own host. */
export function portalPages(made: Pages, language = ENGLISH): Readonly<Record<string, Body>> {
  const pages = speaking(made, language);
  const apps = [
    { title: 'Who am I?', host: 'whoami.demo.localhost', url: '/a', asksMore: false },
    { title: 'Notes', host: 'notes.demo.localhost', url: '/b', asksMore: true },
    {
      title: 'Donaudampfschifffahrtsgesellschaftskapitänsverzeichnis',
      host: 'donaudampfschifffahrtsgesellschaft.intranet.example.com',
      url: '/c',
      asksMore: false,
    },
    { title: 'Wiki', host: 'wiki.example.com', url: '/d', asksMore: false },
  ];
  const account = [
    {
      href: '/flow/password-change',
      label: { literal: { en: 'Change your password', de: 'Passwort ändern' } },
    },
    {
      href: '/flow/tokens',
      label: { literal: { en: 'Tokens for programs', de: 'Tokens für Programme' } },
    },
  ];
  const user = 'Ann Example';
  const home = { brand: BRAND, language: null, user, account, signOutUrl: '/flow/logout' };
  return {
    identification: pages.flowPage(
      flow({ challenge: identification, app: WIKI, step: { index: 1, count: 2 } }),
    ),
    'identification-stale': pages.flowPage(
      flow({
        challenge: identification,
        notice: say('This form was too old, so please start again.'),
      }),
    ),
    password: pages.flowPage(
      flow({ challenge: password, app: WIKI, step: { index: 2, count: 2 } }),
    ),
    'password-wrong': pages.flowPage(
      flow({ challenge: password, app: WIKI, rejection: say('Name or password is not right.') }),
    ),
    enrolment: pages.flowPage(flow({ challenge: enrolment })),
    leaving: pages.flowPage(flow({ challenge: leaving })),
    ...Object.fromEntries(
      Object.entries(fields).map(([name, challenge]) => [
        name,
        pages.flowPage(flow({ challenge })),
      ]),
    ),
    notice: pages.noticePage(notice),
    'notice-refused': pages.noticePage({
      ...notice,
      title: say('This ends here'),
      text: say('Signing in is closed for this account. Ask the people who run Doorward.'),
      tone: 'refused',
      primary: { href: '/flow/login', label: say('Start again') },
      secondary: { href: '/', label: say('Your apps') },
      requestId: refusal.requestId,
      code: 'deny/stage',
    }),
    ...Object.fromEntries(
      CAUSES.map((cause) => [
        `circle-${cause}`,
        pages.noticePage({
          ...notice,
          ...circleWords(cause),
          primary: { href: '/', label: { key: 'flow.circle.retry' } },
          secondary: { href: '/flow/login?again=1', label: { key: 'flow.circle.again' } },
          requestId: refusal.requestId,
          code: 'flow/circle',
        }),
      ]),
    ),
    home: pages.homePage({ ...home, apps, search: null }),
    'home-search': pages.homePage({ ...home, apps: apps.slice(0, 2), search: 'no' }),
    'home-empty': pages.homePage({ ...home, apps: [], search: null }),
  };
}

/** The running gallery. */
export interface Gallery {
  /** Page name → URL. */
  readonly urls: Readonly<Record<string, string>>;
  /**
   * Names of pages with a different document without scripts: some parts are hidden or replaced.
   */
  readonly scripted: readonly string[];
  /** Names of pages with a script of a captcha's provider. */
  readonly foreign: readonly string[];
  /** Email and language → URL; these are not our pages and have none of our style sheets. */
  readonly emails: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * A header that requests pages as a browser without scripts shows them: without our scripts, and
 * with the content of `noscript`. For tools that are scripts themselves.
 */
export const WITHOUT_SCRIPTS = 'x-without-scripts';

function withoutScripts(html: string): string {
  return html.replaceAll(/<script [^>]*><\/script>/g, '').replaceAll(/<(\/?)noscript>/g, '<$1div>');
}

/** Serves all of it on loopback. */
export async function openGallery(): Promise<Gallery> {
  const live = testLive();
  const assets = createAssets(live);
  const plugins = [...stages, ...policies];
  const pages = createPages(live, assets, [flowTexts, ...plugins.map(({ texts }) => texts)]);
  const steps = await stageGallery();
  const emails = emailPages(BRAND.name);
  const portal = (language: string): Readonly<Record<string, Body>> => ({
    ...portalPages(pages, language),
    ...germanPages(pages, flow),
  });
  const refusals = (language: string): Readonly<Record<string, Body>> => ({
    ...refusalBodies(pages, language),
    'de-denied': pages.errors.errorPage({ ...refusal, language: 'de' }),
    'de-denied-trace': refusalBodies(pages, 'de')['denied-trace'] as Body,
    'de-unsent': refusalBodies(pages, 'de')['unsent'] as Body,
  });
  const find = (name: string, isPortal: boolean, language: string): Body | undefined => {
    if (!isPortal) return refusals(language)[name];
    const step = steps.get(name);
    return step === undefined
      ? (emails[name] ?? portal(language)[name])
      : stagePage(pages, step, language);
  };
  const fieldsOf = (name: string): readonly Field[] => {
    const step = steps.get(name);
    if (step?.kind === 'ask') return step.challenge.fields;
    return fields[name]?.fields ?? [];
  };
  const policyOf = (name: string, isPortal: boolean): string => {
    if (name in emails) return OF_EMAILS;
    const portalOrigin = live.current.site.origin;
    return isPortal
      ? contentSecurityPolicy({ portalOrigin, formTargets: [], fields: fieldsOf(name) })
      : pages.errors.csp;
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const asset = assets.find(path);
    if (asset !== null) {
      // Cached, as the portal's are: a browser that opens every page compiles each script once.
      response.writeHead(200, { 'content-type': asset.type, 'cache-control': 'max-age=3600' });
      response.end(asset.body);
      return;
    }
    const isPortal = request.headers.host?.startsWith('auth.') === true;
    const name = path.slice(1);
    const body = find(name, isPortal, request.headers['accept-language'] ?? ENGLISH);
    if (body === undefined) {
      response.writeHead(404).end();
      return;
    }
    const csp = policyOf(name, isPortal);
    response.writeHead(200, { 'content-type': body.type, 'content-security-policy': csp });
    const isBare = request.headers[WITHOUT_SCRIPTS] !== undefined;
    response.end(isBare ? withoutScripts(body.text) : body.text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  live.current = {
    ...testSnapshot({ publicUrl: `http://auth.demo.localhost:${port}` }),
    brand: BRAND,
  };
  const at = (host: string, names: Iterable<string>): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...names].map((name) => [name, `http://${host}.demo.localhost:${port}/${name}`]),
    );
  const matching = (pattern: RegExp): readonly string[] =>
    [...Object.keys(portal(ENGLISH)), ...steps.keys()].filter((name) =>
      pattern.test(find(name, true, ENGLISH)?.text ?? ''),
    );
  return {
    urls: {
      ...at('auth', [...Object.keys(portal(ENGLISH)), ...steps.keys()]),
      ...at('notes', Object.keys(refusals(ENGLISH))),
    },
    scripted: matching(/<noscript>|<[^>]+ hidden[ >]/),
    foreign: matching(/<script [^>]*src="https:/),
    emails: at('auth', Object.keys(emails)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';

const MAIN = 'public_url: https://auth.example.com\nflows: ./flows\n';
const LOGOUT = 'title: Out\ndesignation: invalidation\nstages: [{ type: user_logout }]\n';
const HELP = `title: Help
designation: recovery
stages: [{ type: message, title: Help, text: Ask at the desk. }]
`;

/** A sign-in with these options of password and user_login. */
function login(password: string, userLogin = ''): string {
  return `title: Sign in
designation: authentication
stages:
  - { type: identification }
  - { type: password${password} }
  - { type: user_login${userLogin} }
`;
}

function load(flow: string, more: Record<string, string> = {}, main = MAIN) {
  const files = { 'flows/login.yaml': flow, 'flows/logout.yaml': LOGOUT, ...more };
  return loadText(main, { files });
}

async function faultsIn(...given: Parameters<typeof load>) {
  return faultsOf(await load(...given)).map(({ file, line, path, message }) => ({
    place: `${file.split('/').at(-1)}:${line} ${path}`,
    message,
  }));
}

function own(stage: string): string {
  return `title: Own\ndesignation: authorization\nrequires: session\nstages: [${stage}]\n`;
}

describe('a link to another flow', () => {
  it('is valid if that flow exists', async () => {
    const flow = login(', configure: help');
    expect(linkedOf(await load(flow, { 'flows/help.yaml': HELP })).snapshot.flows.size).toBe(3);
  });

  it('is a fault at its line if it does not', async () => {
    expect(await faultsIn(login(', configure: hlep'), { 'flows/help.yaml': HELP })).toEqual([
      {
        place: 'login.yaml:5 stages[1].configure',
        message: expect.stringMatching(/^no such flow hlep, expected one of .*help/),
      },
    ]);
  });

  it.each([
    ['session', 'message, title: Help, text: x', 'requires a session'],
    ['fresh', 'message, title: Help, text: x', 'requires a session'],
    ['link', 'email_link', 'starts only from a mailed link'],
  ])('is a fault if that flow requires: %s', async (requires, stage, message) => {
    const help = `title: Help\ndesignation: recovery\nrequires: ${requires}\nstages: [{ type: ${stage} }]\n`;
    const main = `${MAIN}mail: { type: smtp, host: mail.example.com, from: door@example.com }\n`;
    const faults = await faultsIn(login(', configure: help'), { 'flows/help.yaml': help }, main);
    expect(faults.map((fault) => fault.place)).toEqual(['login.yaml:5 stages[1].configure']);
    expect(faults[0]?.message).toContain(message);
  });

  it('may lead a signed-in user to a flow that requires a session', async () => {
    const files = {
      'flows/confirm.yaml': own('{ type: password, configure: own }'),
      'flows/own.yaml': own('{ type: message, title: Own, text: x }'),
    };
    expect(linkedOf(await load(login(''), files)).snapshot.flows.has('confirm')).toBe(true);
  });

  it('may be left out with its flow if no email can be sent', async () => {
    const { snapshot } = linkedOf(await loadText('public_url: https://auth.example.com\n'));
    expect(snapshot.flows.has('recovery')).toBe(false);
    expect(snapshot.flows.has('login')).toBe(true);
  });

  it('does not excuse an operator’s flow that sends emails without mail', async () => {
    const help =
      'title: H\ndesignation: recovery\nstages: [{ type: identification }, { type: email_code }]\n';
    const [fault] = await faultsIn(login(', configure: help'), { 'flows/help.yaml': help });
    expect(fault?.message).toContain('the main file has no mail');
  });
});

describe('directories by name', () => {
  const directories = `${MAIN}directories:
  - { type: embedded }
  - { type: file, path: users.yaml, name: staff }
`;

  it('are valid if they exist, by option or type', async () => {
    const loaded = await load(login(', directories: [embedded, staff]'), {}, directories);
    expect(linkedOf(loaded).settings.directories).toHaveLength(2);
  });

  it('are faults at their location if they do not', async () => {
    const flow = login(', directories: [embedded, file]');
    expect(await faultsIn(flow, {}, directories)).toEqual([
      {
        place: 'login.yaml:5 stages[1].directories[1]',
        message: 'no such directory file, expected embedded, staff',
      },
    ]);
  });

  it('are no faults while the directories themselves are faulty', async () => {
    const main = directories.replace('type: file', 'type: fiel');
    const faults = await faultsIn(login(', directories: [staff]'), {}, main);
    expect(faults.map((fault) => fault.place)).toEqual(['doorward.yaml:5 directories[1].type']);
  });
});

describe('location data', () => {
  it.each([', bind: network', ', bind: [network]', ''])('is not needed for%s', async (options) => {
    expect(linkedOf(await load(login('', options))).snapshot.flows.has('login')).toBe(true);
  });

  it.each([', bind: geo', ', bind: [network, geo]'])('needs a database for%s', async (options) => {
    expect(await faultsIn(login('', options))).toEqual([
      {
        place: 'login.yaml:6 stages[2].bind',
        message: 'bind: geo needs signals.geo in the main file',
      },
    ]);
  });
});

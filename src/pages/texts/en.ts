/** The pages' own words in English, the language that must be complete. Keys are typed through texts.ts. */
export const en = {
  'page.title': '{title}',
  'page.title.refused': 'Error: {title}',
  'page.requested-by': 'Requested by',
  'page.step': 'Step {index} of {count}',
  'page.signing-in-as': 'Signing in as',
  'page.not-you': 'Not you?',
  'page.start-again': 'Start again',
  'page.check-fields': 'Please look at these again:',
  'page.show': 'Show',
  'page.hide': 'Hide',
  'page.show-field': 'Show {label}',
  'page.hide-field': 'Hide {label}',
  'page.error': 'Error:',
  'page.request': 'Request',
  'page.code': 'Code',
  'page.rule': 'Rule',
  'page.for-helper': 'For whoever helps you',
  'page.home': 'Your apps',
  'page.retry': 'Try again',
  'page.or': 'or',
  'page.choose': 'Please choose',
  'page.choose-none': 'Nothing chosen',
  'page.warning': 'Note:',

  'field.qr.type': 'Or type this secret:',
  'field.qr.open': 'Open in an app on this device',
  'field.copy': 'Copy',
  'field.copied': 'Copied.',
  'field.copy-by-hand': 'The text is selected: please copy it by hand.',
  'field.download': 'Download',
  'field.print': 'Print',

  'field.passkey.waiting': 'Please follow what your browser asks …',
  'field.passkey.cancelled': 'This was cancelled or took too long. Try again when you are ready.',
  'field.passkey.exists': 'This device or key has a passkey for this account already.',
  'field.passkey.address': 'At this address the browser cannot use passkeys.',
  'field.passkey.unable': 'This device or key cannot do what is asked for here. Try another one.',
  'field.passkey.failed': 'This did not work. Please try once more.',
  'field.passkey.none': 'This browser cannot use passkeys here.',
  'field.passkey.no-script': 'Passkeys need JavaScript. Please switch it on for this page.',

  'field.work.done': 'Checked.',
  'field.work.failed': 'The check did not work in this browser. Please load the page again.',
  'field.work.insecure': 'For this check the page must be opened over https.',
  'field.work.no-script':
    'Your browser solves a small sum here, which makes life hard for robots. It needs JavaScript to do so. Please switch it on for this page.',

  'field.captcha.by': 'This check comes from {provider} and is processed there.',
  'field.captcha.no-script': 'This check needs JavaScript. Please switch it on for this page.',

  'home.title': 'Your apps',
  'home.signed-in': 'Signed in as',
  'home.sign-out': 'Sign out',
  'home.none': 'There is no app here that your account may open.',
  'home.none-help': 'If you expected one, ask the people who run {brand} to give you access.',
  'home.asks-more': 'Asks for one more step',
  'home.search': 'Search your apps',
  'home.search-go': 'Search',
  'home.nothing-found': 'No app of yours matches “{search}”.',
  'home.show-all': 'Show all apps',

  'refused.denied.title': 'This app is not open to you',
  'refused.denied.text': 'You are signed in as {user}, and that account may not open {host}.',
  'refused.denied.text-nobody': 'You may not open this part of {host}.',
  'refused.denied.text-nameless': 'You may not open this.',
  'refused.denied.help':
    'If you need it, ask the people who run {brand} and give them the request below. They can see which rule said no.',
  'refused.denied.switch': 'Sign in as somebody else',
  'refused.why': 'Why?',
  'refused.trace': 'Rule by rule',
  'refused.trace.yes': 'Yes',
  'refused.trace.no': 'No',
  'refused.trace.unjudged': 'Not judged',
  'refused.trace.public': 'open to everybody',
  'refused.trace.not': 'not {policy}',
  'refused.trace.any': 'one of these must say yes',
  'refused.trace.all': 'each of these must say yes',
  'refused.trace.dry-run': 'on trial: decides nothing',
  'refused.trace.remedy': 'the flow {flow} would help',

  'refused.host.title': 'Nothing is served here',
  'refused.host.text': '{brand} answers on this machine, but has no app for {host}.',
  'refused.host.text-nameless': '{brand} answers on this machine, but has no app under this name.',
  'refused.host.help':
    'Check the address for a typing mistake. If it was right until today, the app may have moved.',

  'refused.missing.title': 'There is no such page',
  'refused.missing.text': 'The address may be mistyped, or the page is gone.',

  'refused.request.title': 'This request cannot be read',
  'refused.request.text': 'It was not passed on to any app.',
  'refused.request.help':
    'A link or a bookmark may be damaged. If it happens with a link inside the app, tell the people who run {brand}.',

  'refused.limit.title': 'That was too often',
  'refused.limit.text': 'There have been too many tries in a short time.',

  'refused.down.title': 'The app does not answer',
  'refused.down.text': 'You are let in, but {host} itself is not running or cannot be reached.',
  'refused.down.text-nameless':
    'You are let in, but the app itself is not running or cannot be reached.',
  'refused.timeout.title': 'The app takes too long',
  'refused.timeout.text': 'You are let in, but {host} has not answered in time. It may be busy.',
  'refused.timeout.text-nameless':
    'You are let in, but the app has not answered in time. It may be busy.',
  'refused.app.help':
    'If it lasts, tell the people who run the app and give them the request below.',

  'refused.unavailable.title': 'Back in a moment',
  'refused.unavailable.text':
    '{brand} cannot check right now who you are, so it opens nothing. Your sign-in is not lost.',
  'refused.unavailable.help':
    'If it lasts, tell the people who run {brand} and give them the request below.',

  'refused.busy.title': 'Too much at once',
  'refused.busy.text':
    'More is asked of {brand} right now than it takes on. Nothing of yours is lost.',

  'refused.internal.title': 'Something went wrong on our side',
  'refused.internal.text': 'Nothing was opened and nothing of yours was changed by this.',
  'refused.internal.help':
    'Please try again. If it lasts, give the request below to the people who run {brand}.',

  'refused.wait': 'Try again in {seconds, plural, one {# second} other {# seconds}}.',
  'refused.wait-minutes': 'Try again in {minutes, plural, one {# minute} other {# minutes}}.',
} as const;

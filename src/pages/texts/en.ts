/** The English texts of the pages. English must be complete; texts.ts derives the type of all keys from it. */
export const en = {
  'page.title': '{title}',
  'page.title.refused': 'Error: {title}',
  'page.requested-by': 'Requested by',
  'page.step': 'Step {index} of {count}',
  'page.signing-in-as': 'Signing in as',
  'page.not-you': 'Not you?',
  'page.check-fields': 'Please check these fields:',
  'page.show': 'Show',
  'page.hide': 'Hide',
  'page.show-field': 'Show {label}',
  'page.hide-field': 'Hide {label}',
  'page.error': 'Error:',
  'page.request': 'Request ID',
  'page.code': 'Error code',
  'page.rule': 'Rule',
  'page.support': 'Details for support',
  'page.home': 'Your apps',
  'page.start-again': 'Start again',
  'page.retry': 'Try again',
  'page.or': 'or',
  'page.choose': 'Please choose',
  'page.choose-none': 'No selection',
  'page.warning': 'Warning:',

  'field.qr.type': 'Or enter this key by hand:',
  'field.qr.open': 'Open in an app on this device',
  'field.copy': 'Copy',
  'field.copied': 'Copied.',
  'field.copy-by-hand':
    'Your browser blocked copying. The text is selected, so you can copy it yourself.',
  'field.download': 'Download',
  'field.print': 'Print',

  'field.passkey.waiting': 'Follow the instructions from your browser …',
  'field.passkey.cancelled':
    'The passkey request was canceled or timed out. Try again when you are ready.',
  'field.passkey.exists': 'This device or security key already has a passkey for your account.',
  'field.passkey.address':
    'Passkeys do not work at this address. Please tell the administrator of this site.',
  'field.passkey.unable':
    'This device or security key does not meet the requirements. Try another one.',
  'field.passkey.failed': 'Something went wrong with the passkey. Please try again.',
  'field.passkey.none':
    'This browser does not support passkeys here. Update it or try another browser.',
  'field.passkey.no-script':
    'Passkeys need JavaScript. Turn it on for this site, then reload the page.',

  'field.work.done': 'Check complete.',
  'field.work.failed': 'The check failed in this browser. Reload the page to try again.',
  'field.work.insecure':
    'This check works only over HTTPS. Open this page at an address that starts with https://.',
  'field.work.no-script':
    'To keep bots out, your browser solves a small puzzle here. This needs JavaScript. Turn it on for this site, then reload the page.',

  'field.captcha.by': '{provider} provides this check and processes your answers.',
  'field.captcha.no-script':
    'This check needs JavaScript. Turn it on for this site, then reload the page.',

  'home.title': 'Your apps',
  'home.signed-in': 'Signed in as',
  'home.sign-out': 'Sign out',
  'home.account': 'Your account',
  'home.none': 'You do not have access to any apps yet.',
  'home.none-help': 'Missing one? Ask your {brand} administrator for access.',
  'home.asks-more': 'Requires an extra step',
  'home.search': 'Search your apps',
  'home.search-go': 'Search',
  'home.nothing-found': 'No apps match “{search}”.',
  'home.show-all': 'Show all apps',

  'refused.denied.title': 'You do not have access to this page',
  'refused.denied.text':
    'You are signed in as {user}, but this account may not open this page on {host}.',
  'refused.denied.text-anonymous': 'You may not open this page on {host}.',
  'refused.denied.text-nameless': 'You may not open this page.',
  'refused.denied.help':
    'Need access? Contact your {brand} administrator and include the details below. They show which rule denied access.',
  'refused.denied.switch': 'Sign in with another account',
  'refused.reasons': 'Why?',
  'refused.trace': 'Rule by rule',
  'refused.trace.yes': 'Passed',
  'refused.trace.no': 'Failed',
  'refused.trace.unchecked': 'Not checked',
  'refused.trace.public': 'open to everyone',
  'refused.trace.closed': 'closed to everyone',
  'refused.trace.public-if': 'open without a sign-in only if all of these pass',
  'refused.trace.not': 'not {policy}',
  'refused.trace.any': 'at least one of these must pass',
  'refused.trace.all': 'all of these must pass',
  'refused.trace.dry-run': 'dry run: does not affect the result',
  'refused.trace.remedy': 'completing the flow {flow} would help',

  'refused.host.title': 'There is no app at this address',
  'refused.host.text': '{brand} is running here, but it has no app for {host}.',
  'refused.host.text-nameless': '{brand} is running here, but it has no app at this address.',
  'refused.host.help': 'Check the address for typos. If it used to work, the app may have moved.',

  'refused.missing.title': 'Page not found',
  'refused.missing.text': 'The address may be mistyped, or the page may have been removed.',

  'refused.request.title': 'This request is not valid',
  'refused.request.text': 'It was not forwarded to any app.',
  'refused.request.help':
    'The link or bookmark may be damaged. If you followed a link inside the app, tell your {brand} administrator.',

  'refused.handover.title': 'Please start again',
  'refused.handover.text':
    'The link that carries your sign-in to this app was already used, has expired, or belongs to another browser.',
  'refused.handover.help': 'Start again. If you are still signed in, no password is needed.',
  'refused.unsent.title': 'There is nothing to send here',
  'refused.unsent.text':
    'The form was already sent or discarded, has expired, or belongs to another user or browser. If it still has to be sent, fill it in again.',
  'refused.limit.title': 'Too many attempts',
  'refused.limit.text': 'There were too many attempts in a short time.',

  'refused.down.title': 'The app is not responding',
  'refused.down.text': 'You have access, but {host} is not running or cannot be reached.',
  'refused.down.text-nameless': 'You have access, but the app is not running or cannot be reached.',
  'refused.timeout.title': 'The app is taking too long',
  'refused.timeout.text': 'You have access, but {host} did not respond in time. It may be busy.',
  'refused.timeout.text-nameless':
    'You have access, but the app did not respond in time. It may be busy.',
  'refused.app.help':
    'If this keeps happening, contact the administrator of the app and include the details below.',

  'refused.unavailable.title': 'Temporarily unavailable',
  'refused.unavailable.text':
    '{brand} cannot check your sign-in right now, so access is paused. Your sign-in is not lost.',
  'refused.unavailable.help':
    'If this keeps happening, contact your {brand} administrator and include the details below.',

  'refused.busy.title': 'Too busy right now',
  'refused.busy.text':
    '{brand} is receiving more requests than it can handle. Your sign-in is not affected.',

  'refused.internal.title': 'Something went wrong on our side',
  'refused.internal.text': 'Your request was not completed, and nothing was changed.',
  'refused.internal.help':
    'Please try again. If this keeps happening, contact your {brand} administrator and include the details below.',

  'refused.wait': 'Try again in {seconds, plural, one {# second} other {# seconds}}.',
  'refused.wait-minutes': 'Try again in {minutes, plural, one {# minute} other {# minutes}}.',

  'embedded.title': 'Sign in to see this page',
  'embedded.text':
    '{host} is shown inside another page, where the sign-in does not open. Open it in a new tab and sign in there. Then come back and reload.',
  'embedded.third-party.title': 'This page cannot be shown here',
  'embedded.third-party.text':
    '{host} is embedded in another website, where browsers do not send the cookie that keeps you signed in. Open it in a new tab instead.',
  'embedded.open': 'Open in a new tab',
  'embedded.reload': 'Reload',

  'unsent.title': 'Send your form?',
  'unsent.text':
    'Your form did not reach {host} because you had to sign in first. Check what will be sent.',
  'unsent.address': 'Will be sent to',
  'unsent.empty': 'Empty',
  'unsent.hidden': 'Will be sent, but is not shown here',
  'unsent.no-file': 'No file chosen',
  'unsent.more': 'Fields that are not listed here but will be sent as well: {count}',
  'unsent.send': 'Send form',
  'unsent.discard': 'Do not send',
} as const;

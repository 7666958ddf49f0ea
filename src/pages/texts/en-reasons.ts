/**
 * English sentences for reasons: `reason.<code>`, then `reason.<family>` for codes without a sentence
 * of their own. They say what is required. They must never reveal which name or secret was right.
 */
export const enReasons = {
  'reason.other': 'A rule denied access.',

  'reason.password_age': 'A more recently set password is required.',
  'reason.group': 'Only members of certain groups have access, and your account is not in them.',
  'reason.user': 'Only certain users have access, and your account is not one of them.',
  'reason.attribute': 'Your account does not have a required attribute.',
  'reason.attribute/excluded': 'An attribute of your account excludes it from access.',
  'reason.network': 'Access is limited to certain networks, and yours is not one of them.',
  'reason.method': 'A stronger or more recent sign-in is required.',
  'reason.session': 'A more recent sign-in is required.',
  'reason.time': 'Access is closed at this time.',
  'reason.time/other-date': 'Access is limited to certain dates, and today is not one of them.',
  'reason.time/other-day':
    'Access is limited to certain days of the week, and today is not one of them.',
  'reason.time/other-hours': 'Access is limited to certain hours of the day.',
  'reason.geo': 'You appear to be in a location that has no access.',
  'reason.geo/excluded': 'You appear to be in a location or network that is blocked.',
  'reason.travel': 'Your location does not fit your recent sign-ins.',
  'reason.reputation':
    'There have been too many failed sign-in attempts from your network. Please try again later.',
  'reason.reputation/account':
    'There have been too many failed sign-in attempts for your account. Please try again later.',
  'reason.consent': 'This app needs your consent first.',
  'reason.consent/expired': 'Your consent for this app has expired. Please give it again.',
  'reason.device': 'Access is limited to devices that have been used here before.',
  'reason.device/new':
    'Access is limited to devices that have been used here for some time. This device is too new.',
  'reason.device/stale':
    'Access is limited to devices that have been used here recently. This device has not been used for too long.',
  'reason.event': 'Access requires an invitation or a link sent by email.',
  'reason.http': 'This kind of request is not allowed here.',
  'reason.expression': 'A custom rule denied access.',
  'reason.password_strength': 'This password is not strong enough.',
  'reason.password_strength/too-short': 'Use at least {least} characters.',
  'reason.password_strength/too-long': 'This password is too long.',
  'reason.password_strength/too-few-classes':
    'Use at least {least} of these: lowercase letters, uppercase letters, digits, and symbols.',
  'reason.password_strength/own-data':
    'Your name, your email address, and the other details you entered do not count. Use at least {least} other characters.',
  'reason.password_strength/too-easy':
    'This password is too easy to guess. Try several unrelated words: they are hard to guess and easy to remember.',
  'reason.password_strength/common':
    'This is one of the most common passwords, which attackers try first. Choose another one.',
  'reason.password_strength/breached':
    'This password has appeared in a data breach, so attackers are likely to try it. Choose another one.',
  'reason.password_reuse': 'You have used this password here before. Choose another one.',
  'reason.dummy': 'A test rule denied access.',
  'reason.not': 'A rule excludes accounts or locations like yours.',
  'reason.policy': 'A rule could not be checked, so access was denied.',
  'reason.policy/error': 'A rule could not be checked, so access was denied.',
  'reason.signal':
    'A rule could not be checked because required data was unavailable, so access was denied.',
  'reason.binding/expired': 'The permission that gave access has expired.',
  'reason.path/no-rule': 'No rule of this app allows this kind of request at this address.',
  'reason.websocket/foreign-origin': 'Another website tried to open a connection to this app.',

  'reason.peer': 'Only trusted proxies may send requests here.',
  'reason.forwarded': 'The proxy did not describe the original request clearly.',
  'reason.request': 'The request asks for something that is not available here.',

  'reason.host/unknown': 'There is no app with this hostname.',
  'reason.host/port': 'The app is not available on this port.',
  'reason.host/malformed': 'The hostname in the address is not valid.',
  'reason.method/refused': 'This request method is not allowed here.',
  'reason.target/too-long': 'The address is too long.',
  'reason.query/characters':
    'The part of the address after the question mark contains characters that must be encoded.',
  'reason.path': 'The path in the address could be read in more than one way.',
  'reason.path/form': 'The path in the address must start with exactly one slash.',
  'reason.path/characters': 'The path in the address contains characters that must be encoded.',
  'reason.path/escape': 'A percent sign in the address is not followed by a valid code.',
  'reason.path/encoded-separator':
    'The path in the address contains an encoded slash, backslash, or semicolon.',
  'reason.path/double-encoding': 'The path in the address is encoded twice.',
  'reason.path/disguise': 'The path in the address contains hidden characters.',
  'reason.path/dot-segment': 'The path in the address must not contain “.” or “..” segments.',
  'reason.body/too-large': 'The request contains more data than is accepted here.',
} as const;

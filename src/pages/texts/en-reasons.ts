/**
 * Reasons in plain English: `reason.<code>`, then `reason.<family>` for codes nobody wrote a
 * sentence for. They say what is asked for, and never which name or secret was right.
 */
export const enReasons = {
  'reason.other': 'A rule of this app says no.',

  'reason.password_age': 'It asks for a password that was set more recently.',
  'reason.group': 'It is open to certain groups, and your account is in none that it asks for.',
  'reason.user': 'It is open to certain people, and your account is not one of them.',
  'reason.attribute': 'It asks for something that your account does not have.',
  'reason.attribute/excluded': 'It is closed to accounts like yours.',
  'reason.network': 'It is open from certain networks only, and you come from another one.',
  'reason.method': 'It asks for a stronger or more recent sign-in.',
  'reason.session': 'It asks for a more recent sign-in.',
  'reason.time': 'It is closed at this time.',
  'reason.time/other-date': 'It is open between certain dates, and today is not between them.',
  'reason.time/other-day': 'It is open on certain days of the week, and today is none of them.',
  'reason.time/other-hours': 'It is open at certain hours, and this is none of them.',
  'reason.geo': 'It is not open from where you seem to be.',
  'reason.geo/excluded': 'It is closed to the place, or the network, you seem to come from.',
  'reason.travel': 'This sign-in comes from a place that does not fit the last ones.',
  'reason.reputation': 'There has been too much failed signing in from here lately.',
  'reason.reputation/account':
    'There has been too much failed signing in to your account lately. Please try again later.',
  'reason.consent': 'It opens once you have allowed it what it asks for.',
  'reason.consent/expired':
    'What you allowed it counted for a while, and that is over. It opens once you allow it again.',
  'reason.device': 'It is open to devices that have been used here before.',
  'reason.device/new':
    'It is open to devices that have been used here for a while. This one is too new.',
  'reason.device/stale':
    'It is open to devices that were used here lately. This one was last used too long ago.',
  'reason.event':
    'It is open to those who come by an invitation or by a link that was mailed to them.',
  'reason.http': 'This kind of request is not allowed here.',
  'reason.expression': 'A rule that its operator wrote says no.',
  'reason.password_strength': 'That password is not strong enough.',
  'reason.password_strength/too-short': 'Use at least {least} characters.',
  'reason.password_strength/too-long': 'That is too long.',
  'reason.password_strength/too-few-classes':
    'Mix small letters, capitals, digits and other signs: at least {least} of these.',
  'reason.password_strength/own-data':
    'Your name, your address and what else you typed here do not count. Use at least {least} characters beside them.',
  'reason.password_strength/too-easy':
    'That is too easy to guess. Several words that have nothing to do with each other are hard to guess and easy to remember.',
  'reason.password_strength/common':
    'This is one of the most common passwords, which attackers try first. Choose another one.',
  'reason.password_strength/breached':
    'This password has been stolen somewhere before and is in the lists of those who guess. Choose another.',
  'reason.password_reuse': 'You have used this password here before. Choose another.',
  'reason.dummy': 'A rule made for trying things out says no.',
  'reason.not': 'A rule closes it to accounts or places like yours.',
  'reason.policy': 'A rule of this app could not be checked. What cannot be checked stays closed.',
  'reason.policy/error':
    'A rule of this app could not be checked. What cannot be checked stays closed.',
  'reason.signal': 'Something needed to check a rule was not to be had. It stays closed.',
  'reason.binding/expired': 'The permission that opened it has run out.',
  'reason.path/no-rule': 'No rule of this app allows this kind of request here.',
  'reason.websocket/foreign-origin': 'Another site tried to open a connection to this app.',

  'reason.peer': 'Only a proxy that is listed as trusted may ask here.',
  'reason.forwarded': 'The proxy in front did not say clearly what was asked for.',
  'reason.request': 'The request asks for something that is not offered here.',

  'reason.host/unknown': 'No app is known under this name.',
  'reason.host/port': 'The app is not served at this port.',
  'reason.host/malformed': 'The host in the address is not a plain name.',
  'reason.method/refused': 'This request method is not served here.',
  'reason.target/too-long': 'The address is too long.',
  'reason.query/characters':
    'The part after the question mark holds characters that must be encoded.',
  'reason.path': 'The path in the address is written in a way that could be read differently.',
  'reason.path/form': 'The path in the address must start with exactly one slash.',
  'reason.path/characters': 'The path in the address holds characters that must be encoded.',
  'reason.path/escape': 'A percent sign in the address is not followed by a valid code.',
  'reason.path/encoded-separator': 'The address hides a slash, backslash or semicolon.',
  'reason.path/double-encoding': 'The path in the address is encoded twice.',
  'reason.path/disguise': 'The path in the address hides a control character or a separator.',
  'reason.path/dot-segment': 'The path in the address must not hold “.” or “..” parts.',
  'reason.body/too-large': 'What was sent is larger than is accepted here.',
} as const;

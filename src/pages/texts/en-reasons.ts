/**
 * English sentences for the reasons that no policy gives: `reason.<code>`, or `reason.<family>` for
 * all codes of a family. They must never reveal which name or secret was right.
 */
export const enReasons = {
  'reason.other': 'A rule denied access.',

  'reason.session': 'A more recent sign-in is required.',
  'reason.token': 'The token is not valid. It may have expired or been revoked.',
  'reason.token/other-user': 'The token belongs to another username.',
  'reason.token/no-user': 'The user of the token cannot sign in.',
  'reason.token/route': 'The token is not valid for this app.',
  'reason.token/method': 'The token does not allow this kind of request.',
  'reason.token/network': 'The token is not valid in this network.',
  'reason.token/throttled': 'There were too many invalid tokens from this network.',
  'reason.password': 'The username or password is wrong.',
  'reason.password/expired': 'The password must be changed first.',
  'reason.password/second-factor': 'A password is not enough here. Use a token instead.',
  'reason.password/throttled': 'There were too many wrong passwords. Try again later.',
  'reason.jwt': 'The token is not valid for this app.',
  'reason.jwt/expired': 'The token has expired.',
  'reason.jwt/no-user': 'The user of the token cannot sign in.',
  'reason.certificate': 'Your certificate is not valid for this app.',
  'reason.certificate/expired': 'Your certificate has expired or is not valid yet.',
  'reason.certificate/no-user': 'The user of this certificate cannot sign in.',
  'reason.credential/malformed': 'The request contains sign-in data that cannot be read.',
  'reason.credential': 'This address accepts no sign-in of this kind. Programs need a token.',
  'reason.not': 'A rule excludes accounts or locations like yours.',
  'reason.policy': 'A rule could not be checked, so access was denied.',
  'reason.policy/error': 'A rule could not be checked, so access was denied.',
  'reason.signal':
    'A rule could not be checked because required data was unavailable, so access was denied.',
  'reason.binding/expired': 'The permission that gave access has expired.',
  'reason.path/closed': 'This address is closed to everyone.',
  'reason.path/no-rule': 'No rule of this app allows this kind of request at this address.',
  'reason.websocket/foreign-origin': 'Another website tried to open a connection to this app.',

  'reason.peer': 'Only trusted proxies may send requests here.',
  'reason.forwarded': 'The proxy did not describe the original request clearly.',
  'reason.request': 'The request asks for something that is not available here.',

  'reason.host/unknown': 'There is no app with this hostname.',
  'reason.host/port': 'The app is not available on this port.',
  'reason.host/not-yours': 'This address belongs to another user or group.',
  'reason.host/malformed': 'The hostname in the address is not valid.',
  'reason.method/refused': 'This request method is not allowed here.',
  'reason.target/too-long': 'The address is too long.',
  'reason.query/characters':
    'The part of the address after the question mark contains characters that must be encoded.',
  'reason.path': 'The path in the address could be read in more than one way.',
  'reason.path/form': 'The path in the address must start with a slash.',
  'reason.path/readings': 'The path in the address could be read in too many ways.',
  'reason.path/characters': 'The path in the address contains characters that must be encoded.',
  'reason.path/escape': 'A percent sign in the address is not followed by a valid code.',
  'reason.path/encoded-separator':
    'The path in the address contains an encoded slash, backslash, or semicolon.',
  'reason.path/double-encoding': 'The path in the address is encoded twice.',
  'reason.path/disguise': 'The path in the address contains hidden characters.',
  'reason.path/destination':
    'The address to which this is to be copied or moved cannot be used here.',
  'reason.path/dot-segment': 'The path in the address must not contain “.” or “..” segments.',
  'reason.path/upstream': 'The path in the address could be read as addresses of different apps.',
  'reason.path/outside-prefix': 'There is nothing at this address.',
  'reason.body/too-large': 'The request contains more data than is accepted here.',
} as const;

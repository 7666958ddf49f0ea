/**
 * Characters that a header name may contain (RFC 9110 §5.6.2) besides letters, digits and the
 * hyphen. CGI-like servers replace each with an underscore. Each has its id in the field report.
 */
export const ODD_CHARACTERS: readonly (readonly [string, string])[] = [
  ['HDR-fold-21', '!'],
  ['HDR-fold-23', '#'],
  ['HDR-fold-24', '$'],
  ['HDR-fold-25', '%'],
  ['HDR-fold-26', '&'],
  ['HDR-fold-27', "'"],
  ['HDR-fold-2a', '*'],
  ['HDR-fold-2b', '+'],
  ['HDR-fold-2e', '.'],
  ['HDR-fold-5e', '^'],
  ['HDR-fold-5f', '_'],
  ['HDR-fold-60', '`'],
  ['HDR-fold-7c', '|'],
  ['HDR-fold-7e', '~'],
];

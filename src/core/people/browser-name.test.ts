import { describe, expect, it } from 'vitest';
import { browserName } from './browser-name.ts';

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

describe('a browser', () => {
  it.each([
    [`${WINDOWS} ${CHROME}`, 'Chrome (Windows)'],
    [`${WINDOWS} ${CHROME} Edg/141.0.0.0`, 'Edge (Windows)'],
    [`${WINDOWS} ${CHROME} OPR/120.0.0.0`, 'Opera (Windows)'],
    [
      `${WINDOWS.replace('64)', '64; rv:140.0)')} Gecko/20100101 Firefox/140.0`,
      'Firefox (Windows)',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'Safari (iPhone)',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox (Linux)'],
    [`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${CHROME}`, 'Chrome (Android)'],
    ['Firefox/1', 'Firefox'],
    ['curl/8.9.1', ''],
    ['', ''],
    [`${' '.repeat(600)}Firefox/140.0`, ''],
  ])('%s is %s', (agent, name) => {
    expect(browserName(agent)).toBe(name);
  });
});

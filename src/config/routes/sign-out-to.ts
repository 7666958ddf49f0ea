/** Links the URLs to which users can go after a sign-out. */
import { below, blame, type Spot } from '../faults/spot.ts';

/** What the Content-Security-Policy of a form can name; it must name where the form leads. */
const ORIGIN = /^https?:\/\/[a-z0-9_.-]+(?::[0-9]+)?$/;

/** The URLs, which requests must name exactly; `spot` is the spot of the list. */
export function linkSignOutTo(urls: readonly string[], spot: Spot): readonly string[] {
  for (const [index, text] of urls.entries()) {
    const at = below(spot, index);
    const url = URL.parse(text);
    const isUsable = url !== null && ORIGIN.test(url.origin) && url.username + url.password === '';
    if (!isUsable) blame(at, 'expected a URL such as https://www.example.com/goodbye');
    else if (url.href !== text) {
      blame(at, 'not the form in which browsers send it', `"${url.href}"`);
    } else if (urls.indexOf(text) < index) blame(at, 'duplicate URL');
  }
  return urls;
}

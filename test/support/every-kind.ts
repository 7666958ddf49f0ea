/**
 * A configuration with an app of every kind: base path, TLS, a wildcard, none, and a bundled one.
 */
import type { Loaded } from '../../src/cli/shell/context.ts';
import { presetIdentity, testIdentity, testSnapshot } from './snapshot.ts';

/** `suffix` is the port the apps are served on, such as `:8080`, or `''`. */
export function everyKind(publicUrl: string, suffix = ''): Pick<Loaded, 'snapshot' | 'settings'> {
  const snapshot = testSnapshot({
    publicUrl,
    identity: testIdentity('X-Doorward-Jwt'),
    routes: [
      { id: 'wiki', host: `wiki.example.com${suffix}`, upstream: 'http://127.0.0.1:9001' },
      { id: 'base', host: `base.example.com${suffix}`, upstream: 'http://127.0.0.1:9002/deep/er/' },
      { id: 'far-away', host: `*.far.example.com${suffix}`, upstream: 'https://127.0.0.1' },
      {
        id: 'elsewhere',
        host: `elsewhere.example.com${suffix}`,
        identity: presetIdentity('webauth'),
      },
      { id: 'whoami', host: `whoami.example.com${suffix}`, upstream: 'demo:whoami' },
    ],
  });
  return {
    snapshot,
    settings: {
      file: 'config/doorward.yaml',
      listen: ['0.0.0.0:4747'],
      grpcListen: '127.0.0.1:4748',
      adminListen: null,
      trusts: () => true,
    },
  };
}

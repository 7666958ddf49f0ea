/** Plans for `generate`, from a configuration with an app of every kind. */
import { proxyPlan } from '../../src/cli/rules/proxy-plan.ts';
import type { ProxyPlan } from '../../src/core/setup/proxy-plan.ts';
import { everyKind } from './every-kind.ts';

export const HTTP: ProxyPlan = proxyPlan(everyKind('http://auth.example.com:8080', ':8080'), null);
export const HTTPS: ProxyPlan = proxyPlan(everyKind('https://auth.example.com'), null);

/** A plan for one app that listens on a unix socket. */
export const SOCKET: ProxyPlan = {
  ...HTTP,
  apps: HTTP.apps.slice(0, 1).map((app) => ({
    ...app,
    preserveHost: false,
    upstream: {
      scheme: 'http',
      authorities: ['unix:/run/app.sock'],
      name: 'localhost',
      host: 'localhost',
      base: '',
    },
  })),
};

/** Between the decision and the app: see to-the-app.suite.ts. */
import { behindEnvoy, behindEnvoyGrpc } from './modes.ts';
import { toTheApp } from './to-the-app.suite.ts';

toTheApp(behindEnvoy);
toTheApp(behindEnvoyGrpc);

/** From the decision to the app and back: see to-the-app.suite.ts. */
import { behindHaproxy } from './modes.ts';
import { toTheApp } from './to-the-app.suite.ts';

toTheApp(behindHaproxy);

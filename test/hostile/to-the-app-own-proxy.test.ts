/** From the decision to the app and back: see to-the-app.suite.ts. */
import { ownProxy } from './modes.ts';
import { toTheApp } from './to-the-app.suite.ts';

toTheApp(ownProxy);

import { behindApache } from './modes.ts';
import { toTheApp } from './to-the-app.suite.ts';

toTheApp(behindApache);

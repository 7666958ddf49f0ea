import { toTheApp } from './to-the-app.suite.ts';
import { behindNpm } from './modes.ts';

toTheApp(behindNpm);

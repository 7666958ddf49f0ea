import { toTheApp } from './to-the-app.suite.ts';
import { behindSwag } from './modes.ts';

toTheApp(behindSwag);

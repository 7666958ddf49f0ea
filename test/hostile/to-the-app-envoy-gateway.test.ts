import { toTheApp } from './to-the-app.suite.ts';
import { behindEnvoyGateway } from './modes.ts';

toTheApp(behindEnvoyGateway);

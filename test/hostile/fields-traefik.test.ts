/** Header fields of clients: see fields.suite.ts. */
import { hostileFields } from './fields.suite.ts';
import { behindTraefik } from './modes.ts';
import { throughRecorded } from './recorded.ts';

throughRecorded(behindTraefik, { name: 'fields', suite: hostileFields });

/** All kinds of signals, in reading order. */
import type { SignalKind } from '../core/access/signal.ts';
import { breached } from './breached/signal.ts';
import { common } from './common/signal.ts';
import { consent } from './consent/signal.ts';
import { device } from './device/signal.ts';
import { geo } from './geo/signal.ts';
import { reputation } from './reputation/signal.ts';
import { reused } from './reused/signal.ts';
import { strength } from './strength/signal.ts';
import { travel } from './travel/signal.ts';

/** What policies may need to know from outside. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; defineSignal checked each entry
export const signals: readonly SignalKind<any>[] = [
  geo,
  travel,
  reputation,
  device,
  consent,
  strength,
  common,
  breached,
  reused,
];

/** The plug-in lists as one parameter, so that nothing in here depends on what is listed. */
import type { DirectoryKind, MailerKind, StoreKind } from '../../core/setup/adapters.ts';
import type { Texts } from '../../core/values/message.ts';
import type { Policy } from '../../core/access/policy.ts';
import type { SignalKind } from '../../core/access/signal.ts';
import type { AnyStage } from '../../core/flow/stage.ts';

/** A policy of any options, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; definePolicy checked each entry
export type AnyPolicy = Policy<any>;
/** A store of any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyStoreKind = StoreKind<any>;
/** A directory of any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyDirectoryKind = DirectoryKind<any>;
/** A way to send mail, of any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyMailerKind = MailerKind<any>;

/** A signal of any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; defineSignal checked each entry
export type AnySignalKind = SignalKind<any>;

/** Everything a configuration may name. */
export interface Lists {
  readonly stages: readonly AnyStage[];
  readonly policies: readonly AnyPolicy[];
  readonly signals: readonly AnySignalKind[];
  readonly stores: readonly AnyStoreKind[];
  readonly directories: readonly AnyDirectoryKind[];
  readonly mailers: readonly AnyMailerKind[];
  /** The flow engine's own, beside those of the stages: a flow may say something else in place of them. */
  readonly texts: Texts;
}

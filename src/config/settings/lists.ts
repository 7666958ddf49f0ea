/** The lists of plug-ins as one parameter, so that the configuration depends on no plug-in. */
import type {
  DirectoryKind,
  MailerKind,
  SourceKind,
  StoreKind,
} from '../../core/setup/adapters.ts';
import type { Texts } from '../../core/values/message.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { SignalKind } from '../../core/access/signal.ts';
import type { AnyStage } from '../../core/flow/stage.ts';

/** A policy with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; definePolicy checked each entry
export type AnyPolicy = Policy<any>;
/** A store with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyStoreKind = StoreKind<any>;
/** A directory with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyDirectoryKind = DirectoryKind<any>;
/** A source with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnySourceKind = SourceKind<any>;
/** A mailer with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list
export type AnyMailerKind = MailerKind<any>;

/** A signal with any options. */
// oxlint-disable-next-line typescript/no-explicit-any -- heterogeneous list; defineSignal checked each entry
export type AnySignalKind = SignalKind<any>;

/** Everything that a configuration can name. */
export interface Lists {
  readonly stages: readonly AnyStage[];
  readonly policies: readonly AnyPolicy[];
  readonly signals: readonly AnySignalKind[];
  readonly stores: readonly AnyStoreKind[];
  readonly directories: readonly AnyDirectoryKind[];
  readonly sources: readonly AnySourceKind[];
  readonly mailers: readonly AnyMailerKind[];
  /** The texts of the flow engine. A flow can replace them, as it can the texts of its stages. */
  readonly texts: Texts;
}

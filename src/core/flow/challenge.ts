/** Challenges: what a stage asks the user for. Pages and the JSON API render the same one. */
import type { Json } from '../values/json.ts';
import type { Message } from '../values/message.ts';

/** One input or piece of text of a challenge. Labels are messages; names are stable. */
export type Field =
  | {
      readonly kind: 'text' | 'email' | 'code';
      readonly name: string;
      readonly label: Message;
      readonly value?: string;
      readonly autocomplete?: string;
      readonly required: boolean;
      readonly maxLength: number;
      readonly error?: Message;
    }
  | {
      readonly kind: 'password';
      readonly name: string;
      readonly label: Message;
      readonly autocomplete: 'current-password' | 'new-password';
      readonly required: boolean;
      readonly maxLength: number;
      readonly error?: Message;
    }
  | {
      readonly kind: 'checkbox';
      readonly name: string;
      readonly label: Message;
      readonly checked: boolean;
    }
  | {
      readonly kind: 'number' | 'date';
      readonly name: string;
      readonly label: Message;
      readonly value?: string;
      readonly required: boolean;
      readonly min?: string;
      readonly max?: string;
      readonly error?: Message;
    }
  | {
      /** `choice` shows buttons that submit at once ("another way"); the value is submitted under `name`. */
      readonly kind: 'radio' | 'dropdown' | 'choice';
      readonly name: string;
      readonly label: Message;
      readonly options: readonly {
        readonly value: string;
        readonly label: Message;
        /** One or two characters in front of the label of a button. */
        readonly mark?: string;
      }[];
      readonly value?: string;
      readonly required: boolean;
      readonly error?: Message;
    }
  | { readonly kind: 'separator' }
  | { readonly kind: 'alert'; readonly tone: 'info' | 'warning'; readonly text: Message }
  /** A QR code of `text`, with the same secret in groups beside it for typing. */
  | {
      readonly kind: 'qr';
      readonly text: string;
      readonly label: Message;
      readonly secret: string;
    }
  /** Things that can be acted on: each has a button that submits its `value` under `name` at once. */
  | {
      readonly kind: 'items';
      readonly name: string;
      readonly label: Message;
      readonly items: readonly {
        readonly value: string;
        readonly title: string;
        readonly lines: readonly Message[];
        readonly action: Message;
      }[];
    }
  /** Several to choose from: each chosen one is submitted as `NAME:VALUE`, `on` or true. */
  | {
      readonly kind: 'checkboxes';
      readonly name: string;
      readonly label: Message;
      readonly options: readonly { readonly value: string; readonly label: Message }[];
      readonly chosen: readonly string[];
      readonly error?: Message;
    }
  /** A secret shown once, to copy. */
  | { readonly kind: 'secret'; readonly label: Message; readonly secret: string }
  /** Codes shown once: to copy, download and print. */
  | { readonly kind: 'codes'; readonly label: Message; readonly codes: readonly string[] }
  /**
   * The browser's own passkey dialog. `options` are those of navigator.credentials as JSON; the
   * response is submitted as JSON under `name`. `conditional`: also offered in the username's autofill.
   */
  | {
      readonly kind: 'passkey';
      readonly name: string;
      readonly ceremony: 'create' | 'get';
      readonly options: Json;
      readonly conditional: boolean;
      readonly label: Message;
    }
  /** Proof of work, solved by the page's script; the solution is submitted as JSON under `name`. */
  | { readonly kind: 'work'; readonly name: string; readonly task: Json; readonly label: Message }
  /** A captcha of an outside provider; its token is submitted under `name`. The page's CSP allows its origin. */
  | {
      readonly kind: 'captcha';
      readonly name: string;
      readonly provider: 'turnstile' | 'hcaptcha' | 'recaptcha';
      readonly siteKey: string;
      readonly label: Message;
    }
  /** Submitted unchanged and read-only: the username, which password managers need on the page. */
  | { readonly kind: 'username'; readonly value: string }
  | { readonly kind: 'text-block'; readonly text: Message };

/** What a stage asks the user for. */
export interface Challenge {
  /** The stage's type, so that clients can choose how to show it. */
  readonly type: string;
  readonly title: Message;
  readonly lead?: Message;
  readonly fields: readonly Field[];
  readonly submit: Message;
  /** A link to start again, "not you?". */
  readonly restart?: Message;
  /** Other flows to use instead, with the same destination. A flow that does not exist is not shown. */
  readonly links?: readonly { readonly label: Message; readonly flow: string }[];
  /** Do not show the app's name. */
  readonly hidesApp?: true;
}

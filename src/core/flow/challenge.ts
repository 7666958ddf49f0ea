/** What a person or script is asked: made by stages, shown by pages and the JSON API alike. */
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
      /** `choice` shows buttons that submit at once ("another way"); the value goes back under `name`. */
      readonly kind: 'radio' | 'dropdown' | 'choice';
      readonly name: string;
      readonly label: Message;
      readonly options: readonly { readonly value: string; readonly label: Message }[];
      readonly value?: string;
      readonly required: boolean;
      readonly error?: Message;
    }
  | { readonly kind: 'separator' }
  | { readonly kind: 'alert'; readonly tone: 'info' | 'warning'; readonly text: Message }
  /** A QR code of `text` with the same secret beside it in groups, for typing. */
  | {
      readonly kind: 'qr';
      readonly text: string;
      readonly label: Message;
      readonly secret: string;
    }
  /** Codes shown once: to copy, download and print. */
  | { readonly kind: 'codes'; readonly label: Message; readonly codes: readonly string[] }
  /**
   * The browser's own passkey dialogue. `options` are those of navigator.credentials as JSON; the
   * response goes back as JSON under `name`. `conditional`: also offered in the autofill of the name.
   */
  | {
      readonly kind: 'passkey';
      readonly name: string;
      readonly ceremony: 'create' | 'get';
      readonly options: Json;
      readonly conditional: boolean;
      readonly label: Message;
    }
  /** Proof of work, solved by the page's script; the solution goes back as JSON under `name`. */
  | { readonly kind: 'work'; readonly name: string; readonly task: Json; readonly label: Message }
  /** Somebody else's captcha; its answer goes back under `name`. The page's policy admits its origin. */
  | {
      readonly kind: 'captcha';
      readonly name: string;
      readonly provider: 'turnstile' | 'hcaptcha' | 'recaptcha';
      readonly siteKey: string;
      readonly label: Message;
    }
  /** Sent back as it is, read-only; a username is kept in the page for password managers. */
  | { readonly kind: 'username'; readonly value: string }
  | { readonly kind: 'text-block'; readonly text: Message };

/** What a person or script is asked. Pages and the JSON API are made from the same one. */
export interface Challenge {
  /** The stage's type, so that clients can choose how to show it. */
  readonly type: string;
  readonly title: Message;
  readonly lead?: Message;
  readonly fields: readonly Field[];
  readonly submit: Message;
  /** A link to start again, "not you?". */
  readonly restart?: Message;
  /** Other flows to go to instead, the destination kept. One that is not there is not shown. */
  readonly links?: readonly { readonly label: Message; readonly flow: string }[];
  /** Do not name the app that asks. */
  readonly hidesApp?: true;
}

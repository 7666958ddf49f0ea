/** A client behind a trusted proxy, with the address that a test gives it. */
import { type Answer, Client, type Sending } from './client.ts';

export class ClientFrom extends Client {
  /** Its address, which may change during a test. */
  ip: string;
  constructor(ip: string) {
    super();
    this.ip = ip;
  }

  override send(url: string, sending: Sending = {}): Promise<Answer> {
    const headers = { ...sending.headers, 'x-forwarded-for': this.ip };
    return super.send(url, { ...sending, headers });
  }
}

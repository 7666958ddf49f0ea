/** A client behind a proxy that is trusted: it comes from wherever a test says. */
import { type Answer, Client, type Sending } from './client.ts';

export class ClientFrom extends Client {
  /** Address it comes from; may change on the way, as people do. */
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

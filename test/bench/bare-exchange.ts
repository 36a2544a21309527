import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';

/** PUT, GET and comparison of some bytes, over one new connection with certificate verification. */
export async function exchangeBarely(port: number, ca: Uint8Array, octets: Uint8Array): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
  const ask = async (method: string, body?: Uint8Array): Promise<Buffer> => {
    const call = request({
      ...{ agent, host: '127.0.0.1', port, method, ca: Buffer.from(ca), minVersion: 'TLSv1.3' },
      headers: body && { 'content-length': body.length },
      checkServerIdentity: () => undefined,
    });
    call.end(body);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return Buffer.concat(await response.toArray());
  };
  try {
    await ask('PUT', octets);
    const answer = await ask('GET');
    if (!answer.equals(octets)) throw new Error('The bare server returned other bytes');
  } finally {
    agent.destroy();
  }
}

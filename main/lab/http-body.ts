import type { IncomingMessage } from 'node:http';

/**
 * The whole body of a request; undefined if it has more than `most` bytes. Always reads to the end, because a client
 * sends everything before it reads.
 */
export async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size <= most) parts.push(part as Buffer);
    else parts.length = 0;
  }
  return size <= most ? Buffer.concat(parts) : undefined;
}

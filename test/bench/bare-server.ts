// Keeps the bytes of a PUT in memory and gives them back, over TLS 1.3 without tickets: the minimum that an eNB could
// do.
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [certificate = '', key = '', chain = ''] = process.argv.slice(2);
let kept = Buffer.alloc(0);

const server = createServer(
  {
    key: readFileSync(key),
    cert: Buffer.concat([readFileSync(certificate), readFileSync(chain)]),
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
  },
  (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      if (request.method === 'PUT') kept = Buffer.concat(parts);
      response.writeHead(200, { 'content-length': kept.length }).end(kept);
    });
  },
);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { answerTo, serveDns } from '../../../main/lab/dns-server.ts';

const names = { 'ra.pki.example': '192.0.2.10' };
const server = await serveDns('127.0.0.1', 0, names);
after(() => server.close());
const resolver = new Resolver({ tries: 1, timeout: 5000 });
resolver.setServers([`127.0.0.1:${server.port}`]);

describe('the DNS server of the lab', () => {
  it('knows the addresses of its names, without regard to case', async () => {
    assert.deepEqual(await resolver.resolve4('ra.pki.example'), ['192.0.2.10']);
    assert.deepEqual(await resolver.resolve4('RA.PKI.Example'), ['192.0.2.10']);
  });

  it('says that a name has no address of another family', async () => {
    await assert.rejects(resolver.resolve6('ra.pki.example'), { code: 'ENODATA' });
  });

  it('says that there are no other names', async () => {
    await assert.rejects(resolver.resolve4('toString'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve4('other.example'), { code: 'ENOTFOUND' });
  });

  it('does not answer what is not one question', () => {
    const query = Buffer.from('12340100000100000000000001780000010001', 'hex');
    assert(answerTo(query, { x: '192.0.2.1' }));
    for (let length = 0; length < query.length; length++)
      assert.equal(answerTo(query.subarray(0, length), names), undefined, String(length));
    for (const [at, value] of [
      [2, 0x81], // an answer
      [5, 2], // two questions
      [12, 0xc0], // a pointer
      [18, 3], // another class
    ] as const) {
      const changed = Buffer.from(query);
      changed[at] = value;
      assert.equal(answerTo(changed, names), undefined, String(at));
    }
  });

  it('refuses a port that is taken', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.1');
    await once(taken, 'listening');
    await assert.rejects(serveDns('127.0.0.1', taken.address().port, {}), { code: 'EADDRINUSE' });
    taken.close();
  });
});

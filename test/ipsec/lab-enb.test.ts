import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ok } from '../../main/faults/index.ts';
import { charonsOf } from '../../main/strongswan/index.ts';
import { startLabEnb } from '../../main/training/index.ts';
import { makeScene } from '../kit/bundle.ts';
import { temporaryFolder, writeFactoryFiles } from '../kit/enb.ts';
import { surroundingsIn } from '../kit/operator.ts';

assert(process.env['SITESEAL_OWN_NETWORK'], 'Run within test/kit/on-own-network.sh');

test('an eNB that gets no port leaves nothing running', { timeout: 20_000 }, async () => {
  const folder = temporaryFolder();
  const files = writeFactoryFiles(makeScene(), folder);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const request = { ...files, host: '127.0.0.1', port, ipsec: { kind: 'childless' } as const };
  const enb = await startLabEnb(request, surroundingsIn(folder), () => Promise.resolve(ok(undefined)));
  taken.close();
  assert.equal(enb.ok ? 'running' : enb.fault.code, 'port-unavailable');
  assert.deepEqual(charonsOf(join(files.state, 'ipsec', 'strongswan.conf')), []);
});

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  Charon,
  charonsOf,
  faultOfLog,
  hasNetworkRight,
  isCharonOf,
} from '../../../main/strongswan/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

describe('the daemons that are left', () => {
  const proc = temporaryFolder();
  const ours = '/state/ipsec/strongswan.conf';
  const process = (pid: number, program: string, settings: string, state = 'S', start = '4711') => {
    const folder = join(proc, String(pid));
    mkdirSync(folder);
    symlinkSync(program, join(folder, 'exe'));
    writeFileSync(join(folder, 'environ'), `PATH=/bin\0STRONGSWAN_CONF=${settings}\0`);
    const rest = Array.from({ length: 18 }, (_, index) => String(index)).join(' ');
    writeFileSync(join(folder, 'stat'), `${pid} (charon) (x) ${state} ${rest} ${start} 0 0\n`);
  };
  process(10, '/usr/sbin/charon-systemd', ours);
  process(11, '/usr/sbin/charon-systemd', `${ours}.other`);
  process(12, '/usr/bin/node', ours);
  process(13, '/usr/sbin/charon-systemd (deleted)', ours, 'S', '4712');
  process(14, '/usr/sbin/charon-systemd', ours, 'Z');
  mkdirSync(join(proc, 'self'));

  it('are known by their program and their settings', () => {
    assert.deepEqual(charonsOf(ours, proc), [
      { pid: 10, startTime: '4711' },
      { pid: 13, startTime: '4712' },
    ]);
  });

  it('are no process that has the number of one that ended', () => {
    assert(isCharonOf(ours, { pid: 10, startTime: '4711' }, proc));
    assert(!isCharonOf(ours, { pid: 10, startTime: '4700' }, proc));
    assert(!isCharonOf(ours, { pid: 99, startTime: '4711' }, proc));
  });
});

describe('the daemon', () => {
  it('is not started where its socket would have too long a path', async () => {
    const folder = join(temporaryFolder(), 'a'.repeat(100));
    const started = await Charon.start({ folder, isChildless: true, installsRoutes: false });
    assert(!started.ok);
    assert.equal(started.fault.found, 'ENAMETOOLONG');
  });

  it('needs the right to configure the network, to carry traffic', () => {
    assert(hasNetworkRight('Name:\tx\nCapEff:\t000001ffffffffff\n'));
    assert(hasNetworkRight('CapEff:\t0000000000001000\n'));
    assert(!hasNetworkRight('CapPrm:\t000001ffffffffff\nCapEff:\t0000000000000000\n'));
    assert(!hasNetworkRight(''));
  });
});

describe('the log of an attempt', () => {
  const now = new Date('2026-11-29T12:00:00Z');

  it('tells no fault if it has no reason', () => {
    assert.equal(faultOfLog(['initiating IKE_SA a[1] to 198.51.100.1'], now), undefined);
  });

  it('tells more by the certificate than by the refusal after it', () => {
    const lines = [
      'received end entity cert "CN=seg"',
      'no issuer certificate found for "CN=seg"',
      'issuer is "CN=CA"',
      "no trusted ECDSA public key found for 'seg.example'",
      'received AUTHENTICATION_FAILED notify error',
    ];
    assert.deepEqual(faultOfLog(lines, now), {
      code: 'ike-peer-untrusted',
      rule: 'ike-issuer',
      found: 'CN=CA',
    });
  });

  it('tells another identity by what the gateway says to be', () => {
    assert.deepEqual(faultOfLog(["IDir 'seg2.example' does not match to 'seg1.example'"], now), {
      code: 'ike-peer-untrusted',
      rule: 'ike-identity',
      found: 'seg2.example',
    });
  });

  it('tells an answer that is not IKE', () => {
    const lines = ['IKE_SA_INIT response with message ID 0 processing failed'];
    assert.equal(faultOfLog(lines, now)?.code, 'ike-malformed');
  });
});

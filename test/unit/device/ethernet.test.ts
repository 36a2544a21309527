import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text as textOf } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ethernet, parseEthernetAddress, withScope, type SystemLink } from '../../../main/device/index.ts';
import { startTcpPeer } from '../../kit/enb.ts';

describe('an address is read', () => {
  const addresses: readonly (readonly [text: string, host: string, port: number])[] = [
    ['192.0.2.1', '192.0.2.1', 8443],
    ['192.0.2.1:9443', '192.0.2.1', 9443],
    ['enb.example', 'enb.example', 8443],
    ['enb.example:1', 'enb.example', 1],
    ['enb', 'enb', 8443],
    ['LAB0001.local:65535', 'LAB0001.local', 65535],
    ['2001:db8::1', '2001:db8::1', 8443],
    ['::1', '::1', 8443],
    ['[2001:db8::1]', '2001:db8::1', 8443],
    ['[2001:db8::1]:9443', '2001:db8::1', 9443],
    ['fe80::1%eth0', 'fe80::1%eth0', 8443],
    ['[fe80::1%eth0]:9443', 'fe80::1%eth0', 9443],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1', 8443],
    ['[fe80::1%Ethernet 2]:9443', 'fe80::1%Ethernet 2', 9443],
    ['fe80::1%12', 'fe80::1%12', 8443],
  ];
  for (const [text, host, port] of addresses) {
    it(text, () => assert.deepEqual(parseEthernetAddress(text), { ok: true, value: { host, port } }));
  }
});

describe('what is no address is refused, and told as it was typed', () => {
  const addresses: readonly (readonly [why: string, text: string])[] = [
    ['nothing', ''],
    ['a blank', ' '],
    ['a blank in front', ' 192.0.2.1'],
    ['a line end', '192.0.2.1\n'],
    ['a colon without a port', '192.0.2.1:'],
    ['port 0', '192.0.2.1:0'],
    ['a port beyond the last', '192.0.2.1:65536'],
    ['a port of six digits', '192.0.2.1:100000'],
    ['a negative port', '192.0.2.1:-1'],
    ['a port in words', 'enb.example:https'],
    ['two ports', 'enb.example:1:2'],
    ['a port without a host', ':8443'],
    ['a URL', 'https://enb.example/'],
    ['a path', 'enb.example/v1'],
    ['a user', 'user@enb.example'],
    ['a part of an IPv4 address, which the system would fill up', '10.1'],
    ['a number, which the system would take for an address', '3232235777'],
    ['an IPv4 address with too many parts', '192.0.2.1.1'],
    ['an IPv4 address beyond 255', '192.0.2.256'],
    ['an IPv4 address in brackets', '[192.0.2.1]:8443'],
    ['a name in brackets', '[enb.example]:8443'],
    ['an open bracket', '[2001:db8::1'],
    ['a closed bracket', '2001:db8::1]'],
    ['empty brackets', '[]:8443'],
    ['a port after brackets without a colon', '[2001:db8::1]8443'],
    ['an IPv6 address with two gaps', '2001::db8::1'],
    ['an IPv6 prefix', '2001:db8::1/64'],
    ['a port after a scope without brackets', 'fe80::1%eth0:8443'],
    ['an empty scope', 'fe80::1%'],
    ['a control character in a scope', 'fe80::1%eth\u00070'],
    ['a name with a hyphen at the end of a label', 'enb-.example'],
    ['a label of 64 characters', `${'a'.repeat(64)}.example`],
    ['an address of another script', '١٩٢.0.2.1'],
    ['a control character', 'enb\u0007.example'],
  ];
  for (const [why, text] of addresses) {
    it(why, () => {
      assert.deepEqual(parseEthernetAddress(text), {
        ok: false,
        fault: { code: 'address-invalid', found: text },
      });
    });
  }
});

/** Interfaces of a computer. */
function linkAt(name: string, index: number, changes: Partial<SystemLink> = {}): SystemLink {
  return {
    family: 'IPv6',
    address: `fe80::${index}`,
    scope: name,
    name,
    index,
    isInternal: false,
    ...changes,
  };
}

describe('the scope of a link-local address', () => {
  const lo = linkAt('lo', 1, { isInternal: true });
  const eth0 = linkAt('eth0', 2);
  const wlan0 = linkAt('wlan0', 3);
  const onWindows = linkAt('Ethernet 2', 12, { scope: '12' });
  const onlyIpv4 = linkAt('eth1', 0, { family: 'IPv4', address: '192.0.2.1' });
  const ofNetwork = (name: string, address: string) => linkAt(name, 0, { family: 'IPv4', address });
  const meant: readonly (readonly [
    why: string,
    host: string,
    links: readonly SystemLink[],
    found: string,
  ])[] = [
    ['is that which is named', 'fe80::1%wlan0', [lo, eth0, wlan0], 'fe80::1%wlan0'],
    ['may be the number of the interface', 'fe80::1%3', [lo, eth0, wlan0], 'fe80::1%wlan0'],
    ['is a number on Windows', 'fe80::1%12', [onWindows, eth0], 'fe80::1%12'],
    ['may be a name on Windows', 'fe80::1%Ethernet 2', [onWindows, eth0], 'fe80::1%12'],
    ['is a name before it is a number', 'fe80::1%2', [eth0, linkAt('2', 3)], 'fe80::1%2'],
    ['is that of the only interface', 'fe80::1', [lo, eth0, onlyIpv4], 'fe80::1%eth0'],
    [
      'is that of the only interface, however many addresses it has',
      'FEBF::1',
      [eth0, linkAt('eth0', 2)],
      'FEBF::1%eth0',
    ],
    [
      'is that of the only interface without an address from a network',
      'fe80::1',
      [lo, eth0, wlan0, ofNetwork('wlan0', '198.51.100.7'), ofNetwork('eth0', '169.254.7.7')],
      'fe80::1%eth0',
    ],
    ['may be the loopback where it is named', 'fe80::1%lo', [lo, eth0], 'fe80::1%lo'],
    ['is not asked of other addresses', '2001:db8::1', [eth0, wlan0], '2001:db8::1'],
    ['is not asked of IPv4', '169.254.1.1', [eth0, wlan0], '169.254.1.1'],
    ['is not asked of names', 'enb.example', [eth0, wlan0], 'enb.example'],
  ];
  for (const [why, host, links, found] of meant) {
    it(why, () => {
      assert.deepEqual(withScope({ host, port: 1 }, links), { ok: true, value: { host: found, port: 1 } });
    });
  }

  const unclear: readonly (readonly [why: string, host: string, found: string])[] = [
    ['a name that is no interface', 'fe80::1%wrong', '%wrong'],
    ['a number that is no interface', 'fe80::1%9', '%9'],
    ['a name in other capitals', 'fe80::1%ETH0', '%ETH0'],
    ['an interface without IPv6', 'fe80::1%eth1', '%eth1'],
    ['an unknown scope of a global address', '2001:db8::1%wrong', '%wrong'],
    ['none where there are several', 'fe80::1', 'fe80::1'],
  ];
  for (const [why, host, found] of unclear) {
    it(`is asked for, with the interfaces that there are: ${why}`, () => {
      assert.deepEqual(withScope({ host, port: 1 }, [lo, eth0, wlan0, onlyIpv4]), {
        ok: false,
        fault: { code: 'address-scope', rule: 'interface', expected: 'eth0, wlan0', found },
      });
    });
  }

  it('leads nowhere without a network', () => {
    for (const host of ['fe80::1', 'fe80::1%eth0']) {
      const scoped = withScope({ host, port: 1 }, [lo, onlyIpv4]);
      assert.deepEqual(scoped, { ok: false, fault: { code: 'device-unreachable', found: 'ENETUNREACH' } });
    }
  });

  it('is looked up again when the connection is opened: the interface may have gone', async () => {
    const links = [eth0, wlan0];
    const transport = ethernet({ host: 'fe80::1%eth0', port: 1 }, () => links);
    links.shift();
    assert.deepEqual(await transport.open(5_000), {
      ok: false,
      fault: {
        code: 'address-scope',
        rule: 'interface',
        expected: 'wlan0',
        found: '%eth0',
        where: { address: '[fe80::1%eth0]:1' },
      },
    });
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

describe('a transport', () => {
  it('is named by its address, an IPv6 address in brackets', () => {
    assert.equal(ethernet({ host: '192.0.2.1', port: 8443 }, () => []).name, '192.0.2.1:8443');
    assert.equal(ethernet({ host: 'fe80::1%eth0', port: 1 }, () => []).name, '[fe80::1%eth0]:1');
  });

  it('opens a stream', async () => {
    const peer = await startTcpPeer((socket) => socket.end('hello'));
    const opened = await peer.transport.open(5_000);
    assert(opened.ok);
    const [hello] = (await once(opened.value, 'data')) as [Buffer];
    assert.equal(hello.toString(), 'hello');
    opened.value.destroy();
    await peer.close();
  });

  it('opens a stream to an IPv6 address', { skip: !hasIpv6 && 'there is no IPv6 here' }, async () => {
    const server = createServer((socket) => socket.end('hello')).listen(0, '::1');
    await once(server, 'listening');
    const parsed = parseEthernetAddress(`[::1]:${(server.address() as AddressInfo).port}`);
    assert(parsed.ok);
    const opened = await ethernet(parsed.value, () => []).open(5_000);
    assert(opened.ok, JSON.stringify(opened));
    assert.equal(await textOf(opened.value), 'hello');
    server.close();
  });

  it('says that nothing listens there', async () => {
    const peer = await startTcpPeer(() => undefined);
    await peer.close();
    const address = `127.0.0.1:${peer.port}`;
    assert.deepEqual(await peer.transport.open(5_000), {
      ok: false,
      fault: { code: 'device-unreachable', found: 'ECONNREFUSED', where: { address } },
    });
  });

  it('says that there is no such host', async () => {
    const opened = await ethernet({ host: 'no-such-enb.invalid', port: 8443 }, () => []).open(30_000);
    assert(!opened.ok);
    assert.equal(opened.fault.code, 'device-unreachable');
    assert.match(opened.fault.found ?? '', /^(ENOTFOUND|EAI_AGAIN)$/);
    assert.deepEqual(opened.fault.where, { address: 'no-such-enb.invalid:8443' });
  });
});

describe('a host that drops the packets', { skip: process.platform !== 'linux' }, () => {
  // A listener that never accepts: Linux lets two connections into a queue for one, and drops what comes after them.
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const listening = once(worker, 'message') as Promise<[port: number]>;
  const queued: Socket[] = [];
  after(async () => {
    for (const socket of queued) socket.destroy();
    await worker.terminate();
  });

  it('gives no answer, and the deadline holds', async () => {
    const [port] = await listening;
    for (let count = 0; count < 2; count++) {
      const socket = connect({ port, host: '127.0.0.1' });
      queued.push(socket);
      await once(socket, 'connect');
    }
    assert.deepEqual(await ethernet({ host: '127.0.0.1', port }, () => []).open(50), {
      ok: false,
      fault: { code: 'device-no-answer', where: { address: `127.0.0.1:${port}` } },
    });
  });
});

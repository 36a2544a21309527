import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { advertise, EthernetDiscovery, type Link } from '../../../main/device/index.ts';
import { identity, otherIdentity } from '../../kit/bundle.ts';
import { writeAnnouncement } from '../../../main/device/dns-message.ts';

const loopback: Link = { family: 'IPv4', address: '127.0.0.1', scope: 'lo' };

/** A discovery whose next question is asked by the test. */
function discover(links: () => readonly Link[] = () => [loopback]) {
  const asking: { next: () => void } = { next: () => undefined };
  const discovery = new EthernetDiscovery({
    links,
    repeat: (work) => {
      asking.next = work;
      return () => (asking.next = () => undefined);
    },
  });
  return { discovery, ask: () => asking.next() };
}

/** Watches until the list is another. */
async function change({ discovery }: ReturnType<typeof discover>, cause: () => void = () => undefined) {
  const changed = Promise.withResolvers<undefined>();
  // The sockets of a discovery keep no process alive.
  const alive = setInterval(() => undefined, 60_000);
  const stop = discovery.watch(() => changed.resolve(undefined));
  cause();
  await changed.promise;
  clearInterval(alive);
  return stop;
}

/** A host on the link that answers every question with these bytes, made for the question's id. */
async function answering(answer: (id: number) => readonly Uint8Array[], port = 5353): Promise<Socket> {
  const hearing = createSocket({ type: 'udp4', reuseAddr: true });
  hearing.bind(5353);
  await once(hearing, 'listening');
  hearing.addMembership('224.0.0.251', '127.0.0.1');
  const speaking = port === 5353 ? hearing : createSocket('udp4');
  hearing.on('message', (bytes, { port: from, address }) => {
    for (const one of answer(bytes.readUInt16BE(0))) speaking.send(one, from, address);
  });
  hearing.once('close', () => speaking !== hearing && speaking.close());
  return hearing;
}

describe('eNBs on the network', () => {
  it('are found where they answer, with what they report about themselves, and forgotten when they fall silent', async () => {
    const silence = await advertise({ port: 8443, ...identity }, [loopback]);
    const laptop = discover();
    const stop = await change(laptop);
    const found = { address: '127.0.0.1:8443', host: '127.0.0.1', port: 8443, ...identity };
    assert.deepEqual(laptop.discovery.list(), [found]);
    await silence();
    let questions = 0;
    const stopToo = await change(laptop, () => {
      for (; laptop.discovery.list().length > 0; questions++) laptop.ask();
    });
    assert.equal(questions, 5); // four without an answer, and the next
    stop();
    stopToo();
  });

  it('are told as others when another eNB answers there', async () => {
    let enb = identity;
    const someone = await answering((id) => [
      writeAnnouncement({ port: 1, ...enb }, { id, isUnicast: true }),
    ]);
    const laptop = discover();
    const stop = await change(laptop);
    assert.equal(laptop.discovery.list()[0]?.serialNumber, 'LAB0001');
    enb = otherIdentity;
    const stopToo = await change(laptop, laptop.ask);
    assert.equal(laptop.discovery.list()[0]?.serialNumber, 'LAB0002');
    stop();
    stopToo();
    someone.close();
  });

  it('are no more than 64, however many answer', async () => {
    const ports = Array.from({ length: 100 }, (_, index) => index + 1);
    const answers = (id: number) =>
      ports.map((port) => writeAnnouncement({ port, ...identity }, { id, isUnicast: true }));
    const someone = await answering(answers);
    const { discovery } = discover();
    const full = Promise.withResolvers<undefined>();
    const alive = setInterval(() => undefined, 60_000);
    const stop = discovery.watch(() => discovery.list().length === 64 && full.resolve(undefined));
    await full.promise;
    clearInterval(alive);
    assert.equal(discovery.list().length, 64);
    stop();
    someone.close();
  });

  const unheard: readonly (readonly [what: string, make: () => Promise<Socket>])[] = [
    ['from another port than that of multicast DNS', () => answering((id) => [forId(id)], 0)],
    ['to another question', () => answering((id) => [forId((id + 1) & 0xffff)])],
    ['that is no message', () => answering(() => [Buffer.from('hello')])],
  ];
  function forId(id: number): Uint8Array {
    return writeAnnouncement({ port: 9, ...identity }, { id, isUnicast: true });
  }
  for (const [what, make] of unheard) {
    it(`are not found by an answer ${what}`, async () => {
      const someone = await make();
      const heard = once(someone, 'message');
      const laptop = discover();
      const stop = laptop.discovery.watch(() => undefined);
      await heard;
      // What is found by a good answer that comes after the bad one shows that the bad one has come.
      const silence = await advertise({ port: 8443, ...identity }, [loopback]);
      const stopToo = await change(laptop, laptop.ask);
      assert.deepEqual(
        laptop.discovery.list().map(({ port }) => port),
        [8443],
      );
      stop();
      stopToo();
      await silence();
      someone.close();
    });
  }

  it('are looked for on links that come, and a link that cannot be used stops nothing', async () => {
    const links: Link[] = [{ family: 'IPv4', address: '192.0.2.1', scope: 'gone' }];
    const silence = await advertise({ port: 8443, ...identity }, [loopback]);
    const laptop = discover(() => links);
    const stop = await change(laptop, () => {
      links.push(loopback);
      laptop.ask();
    });
    assert.equal(laptop.discovery.list().length, 1);
    stop();
    await silence();
  });

  it('are not looked for, and nothing is known of them, when nobody watches', async () => {
    const silence = await advertise({ port: 8443, ...identity }, [loopback]);
    const laptop = discover();
    (await change(laptop))();
    assert.deepEqual(laptop.discovery.list(), []);
    await silence();
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { transformTypes } from '../../../main/ike/algorithms.ts';
import {
  keyIdOf,
  probeGateway,
  probeWithoutState,
  Responder,
  type GatewayQuestion,
} from '../../../main/ike/index.ts';
import { readMessage, writeMessage, type InitMessage } from '../../../main/ike/message.ts';
import { notifyTypes } from '../../../main/ike/notify.ts';
import { labOptions } from '../../kit/bundle.ts';
import { flipped } from '../../kit/flips.ts';
import { FakeNetwork, networkTo, systemError } from '../../kit/ike.ts';
import { makeVendor } from '../../kit/issue-certificate.ts';

const vendor = makeVendor('Probe', labOptions);
const [root, issuing] = [vendor.root.certificate, vendor.issuing.certificate];
const other = 'aa'.repeat(20);

const proposals = ['aes128gcm16-prfsha256-ecp256', 'aes128-sha256-ecp256'];
const usual = { proposals, keyIds: [keyIdOf(root), other] };

async function probe(network: FakeNetwork, more: Partial<GatewayQuestion> = {}) {
  const answer = await probeGateway({
    network,
    host: '192.0.2.7',
    proposals,
    vendorRoots: [root],
    intermediates: [issuing],
    ...more,
  });
  assert.equal(network.openChannels, 0);
  return answer;
}

/** The code of the fault, with its rule; or the choice. */
async function outcome(network: FakeNetwork, more: Partial<GatewayQuestion> = {}): Promise<string> {
  const answer = await probe(network, more);
  if (answer.ok) return answer.value.proposal;
  const { code, rule } = answer.fault;
  return rule === undefined ? code : `${code}, ${rule}`;
}

function read(bytes: Uint8Array | undefined): Required<InitMessage> {
  const message = readMessage(bytes ?? new Uint8Array());
  assert(message.ok);
  return message.value;
}

const responder = new Responder(usual);

/** The responder's answer, changed. */
const changing = (change: (answer: Required<InitMessage>) => Partial<InitMessage>) =>
  new FakeNetwork((bytes) => {
    const answer = read(responder.answer(bytes, 500, ''));
    return [writeMessage({ ...answer, ...change(answer) })];
  });

/** Answers that consist of one notify. */
const notifying = (type: number, data: Uint8Array = Buffer.alloc(0)) =>
  new FakeNetwork((bytes) => [
    writeMessage({
      initiatorSpi: bytes.subarray(0, 8),
      responderSpi: Buffer.alloc(8),
      isResponse: true,
      notifies: [{ type, data }],
    }),
  ]);

describe('a probe', () => {
  it('tells what the gateway chose, and which CAs it lists', async () => {
    const answer = await probe(networkTo(responder));
    assert(answer.ok);
    const { milliseconds, ...rest } = answer.value;
    assert(milliseconds >= 0);
    assert.deepEqual(rest, {
      address: '192.0.2.7',
      proposal: 'aes128gcm16-prfsha256-ecp256',
      vendorRoot: true,
      keyIds: usual.keyIds,
    });
  });

  for (const [name, keyIds, expected] of [
    ['the root and the intermediate', [keyIdOf(issuing), keyIdOf(root)], true],
    ['another CA only', [other], false],
    ['only the intermediate', [other, keyIdOf(issuing)], null],
    ['nothing', [], null],
    ['no CERTREQ at all', undefined, null],
  ] as const)
    it(`gives ${expected} for the vendor root if the gateway sends ${name}`, async () => {
      const answer = await probe(networkTo(new Responder({ proposals, keyIds })));
      assert.equal(answer.ok && answer.value.vendorRoot, expected);
    });

  it('knows nothing about the root if it has none to look for', async () => {
    const answer = await probe(networkTo(responder), { vendorRoots: [] });
    assert.equal(answer.ok && answer.value.vendorRoot, null);
  });

  it('returns a cookie once, with the same SPI, nonce and key', async () => {
    const network = networkTo(new Responder({ ...usual, asksForCookie: true }));
    assert.equal(await outcome(network), proposals[0]);
    const [first, second, ...rest] = network.sent.map(read);
    assert.deepEqual(rest, []);
    assert.deepEqual(
      second?.notifies.map(({ type }) => type),
      [notifyTypes.COOKIE],
    );
    assert.deepEqual({ ...second, notifies: [] }, first);
  });

  it('gives up at the second cookie', async () => {
    const network = notifying(notifyTypes.COOKIE, Buffer.alloc(16, 1));
    assert.equal(await outcome(network), 'ike-busy');
    assert.equal(network.sent.length, 2);
  });

  it('changes to the group that the gateway asks for, once', async () => {
    const network = networkTo(new Responder({ proposals: ['aes256-sha384-ecp384'] }));
    const offered = { proposals: [...proposals, 'aes256-sha384-ecp384'] };
    assert.equal(await outcome(network, offered), 'aes256-sha384-ecp384');
    assert.deepEqual(
      network.sent.map((bytes) => read(bytes).keyExchange?.group),
      [19, 20],
    );
  });

  it('sends at most three messages to a gateway that asks for a cookie and for a group', async () => {
    const network = networkTo(new Responder({ proposals: ['aes256-sha384-ecp384'], asksForCookie: true }));
    const offered = { proposals: [...proposals, 'aes256-sha384-ecp384'] };
    assert.equal(await outcome(network, offered), 'aes256-sha384-ecp384');
    assert.deepEqual(
      network.sent.map((bytes) => read(bytes).notifies.length),
      [0, 1, 1],
    );
  });

  for (const [name, group, sent] of [
    ['the group that it has', 19, 1],
    ['a group that was not offered', 14, 1],
    ['groups in turn', undefined, 2],
  ] as const)
    it(`refuses a gateway that asks for ${name}`, async () => {
      let count = 0;
      const network = new FakeNetwork((bytes) => {
        const wanted = Buffer.of(0, group ?? (++count % 2 === 1 ? 20 : 19));
        const notifies = [{ type: notifyTypes.INVALID_KE_PAYLOAD, data: wanted }];
        return [
          writeMessage({
            initiatorSpi: bytes.subarray(0, 8),
            responderSpi: Buffer.alloc(8),
            isResponse: true,
            notifies,
          }),
        ];
      });
      const offered = { proposals: [...proposals, 'aes256-sha384-ecp384'] };
      assert.equal(await outcome(network, offered), 'ike-malformed, ike-group');
      assert.equal(network.sent.length, sent);
    });

  it('sends the same bytes once more if nothing comes', async () => {
    const network = networkTo(new Responder({ ...usual, isSilent: true }));
    assert.equal(await outcome(network), 'ike-no-answer');
    assert.equal(network.sent.length, 2);
    assert.deepEqual(network.sent[0], network.sent[1]);
    assert.deepEqual(network.waits, [1000, 2000]);
  });

  it('takes the answer to the second datagram if the first was lost', async () => {
    const network = new FakeNetwork((bytes, count) =>
      count === 1 ? [] : [responder.answer(bytes, 500, '') ?? systemError('none')],
    );
    assert.equal(await outcome(network), proposals[0]);
  });

  it('ignores an answer to somebody else', async () => {
    const network = new FakeNetwork((bytes) => {
      const foreign = writeMessage({
        ...read(responder.answer(bytes, 500, '')),
        initiatorSpi: Buffer.alloc(8, 7),
      });
      return [foreign, responder.answer(bytes, 500, '') ?? systemError('none')];
    });
    assert.equal(await outcome(network), proposals[0]);
    const alone = changing(() => ({ initiatorSpi: Buffer.alloc(8, 7) }));
    assert.equal(await outcome(alone), 'ike-no-answer');
  });

  it('passes over bytes that are no IKE before the answer, and reports them if nothing else comes', async () => {
    const garbage = Buffer.from('HTTP/1.1 400 Bad Request');
    const both = new FakeNetwork((bytes) => [
      garbage,
      responder.answer(bytes, 500, '') ?? systemError('none'),
    ]);
    assert.equal(await outcome(both), proposals[0]);
    assert.equal(await outcome(new FakeNetwork(() => [garbage])), 'ike-malformed, ike-header');
  });

  it('refuses its own bytes as an answer', async () => {
    assert.equal(await outcome(new FakeNetwork((bytes) => [bytes])), 'ike-malformed, ike-header');
  });

  for (const [name, change] of [
    ['was not offered', () => ({ proposals: [{ transforms: [] }] })],
    ['is two', ({ proposals: [one] = [] }: InitMessage) => ({ proposals: one ? [one, one] : [] })],
    ['has a key of another group', () => ({ keyExchange: { group: 20, data: Buffer.alloc(96) } })],
    ['has a key of the wrong size', () => ({ keyExchange: { group: 19, data: Buffer.alloc(65) } })],
    ['has no key', () => ({ keyExchange: undefined })],
    ['has no nonce', () => ({ nonce: undefined })],
    [
      'has another key length',
      ({ proposals: [one] = [] }: InitMessage) => ({
        proposals: [
          {
            transforms: (one?.transforms ?? []).map((transform) =>
              transform.type === transformTypes.encryption ? { ...transform, keyBits: 256 } : transform,
            ),
          },
        ],
      }),
    ],
  ] as const)
    it(`refuses a choice that ${name}`, async () => {
      const expected =
        name === 'was not offered' ? 'ike-malformed, ike-payload' : 'ike-malformed, ike-choice';
      assert.equal(await outcome(changing(change)), expected);
    });

  for (const [type, expected] of [
    ['NO_PROPOSAL_CHOSEN', 'ike-proposal-refused'],
    ['TEMPORARY_FAILURE', 'ike-busy'],
    ['NO_ADDITIONAL_SAS', 'ike-busy'],
    ['INVALID_MAJOR_VERSION', 'ike-malformed, ike-version'],
    ['INVALID_SYNTAX', 'ike-malformed, ike-notify'],
    ['AUTHENTICATION_FAILED', 'ike-malformed, ike-notify'],
  ] as const)
    it(`reports ${type} as ${expected}`, async () => {
      const network = notifying(notifyTypes[type]);
      assert.equal(await outcome(network), expected);
      assert.equal(network.sent.length, 1);
    });

  for (const [error, expected] of [
    ['ECONNREFUSED', 'ike-unreachable'],
    ['EHOSTUNREACH', 'ike-unreachable'],
    ['EPERM', 'ike-unreachable'],
    ['EMSGSIZE', 'ike-no-answer'],
  ] as const)
    it(`reports ${error} as ${expected}`, async () => {
      const answer = await probe(new FakeNetwork(() => [systemError(error)]));
      assert(!answer.ok);
      assert.deepEqual(answer.fault, { code: expected, found: error, where: { address: '192.0.2.7' } });
    });

  it('ends when it is cancelled', async () => {
    const network = new FakeNetwork(() => []);
    assert.equal(await outcome(network, { signal: AbortSignal.abort() }), 'cancelled');
  });

  it('leaves out proposals that nobody knows, and begins with the first group that it can make', async () => {
    const network = networkTo(new Responder({ proposals: ['aes128-sha256-ecp256'] }));
    assert.equal(
      await outcome(network, { proposals: ['new-thing', 'aes128-sha256-ecp192-ecp256'] }),
      'aes128-sha256-ecp256',
    );
    assert.equal(read(network.sent[0]).keyExchange?.group, 19);
    assert.equal(await outcome(network, { proposals: ['aes128-sha256-ecp192'] }), 'runtime-lacks-algorithm');
  });

  it('puts the marker in front on port 4500, and requires it there', async () => {
    const network = networkTo(responder, 4500);
    assert.equal(await outcome(network, { port: 4500 }), proposals[0]);
    assert.deepEqual([...(network.sent[0]?.subarray(0, 4) ?? [])], [0, 0, 0, 0]);
    const without = new FakeNetwork((bytes) => [
      responder.answer(bytes.subarray(4), 500, '') ?? systemError('none'),
    ]);
    assert.equal(await outcome(without, { port: 4500 }), 'ike-malformed, ike-header');
  });

  it('ends with a value at every answer with one wrong bit, and never takes it for a choice that it did not offer', async () => {
    const length = 8 * (responder.answer(await firstRequest(), 500, '')?.length ?? 0);
    for (let bit = 0; bit < length; bit += 3) {
      const network = new FakeNetwork((bytes) => [
        flipped(responder.answer(bytes, 500, '') ?? Buffer.alloc(0), bit),
      ]);
      const answer = await probe(network);
      if (answer.ok) assert(proposals.includes(answer.value.proposal));
    }
  });
});

/** What a probe sends first. */
async function firstRequest(): Promise<Uint8Array> {
  const network = new FakeNetwork(() => []);
  await probe(network);
  return network.sent[0] ?? new Uint8Array();
}

describe('a probe without state', () => {
  const ask = (
    network: FakeNetwork,
    more: { readonly port?: number; readonly size?: number; readonly host?: string } = {},
  ) => probeWithoutState({ network, host: '192.0.2.7', port: 500, ...more });

  it('gets a refusal from a gateway, which is its answer', async () => {
    const network = networkTo(responder);
    assert.equal((await ask(network)).ok, true);
    assert.equal(network.sent.length, 1);
    const bytes = network.sent[0] ?? new Uint8Array();
    assert.equal(read(responder.answer(bytes, 500, '')).notifies[0]?.type, notifyTypes.NO_PROPOSAL_CHOSEN);
  });

  it('takes a request for a cookie as an answer, and does not follow it', async () => {
    const network = networkTo(new Responder({ ...usual, asksForCookie: true }));
    assert.equal((await ask(network)).ok, true);
    assert.equal(network.sent.length, 1);
  });

  for (const [question, expected] of [
    [{ size: 1280 }, 1252],
    [{ size: 1500, port: 4500 }, 1472],
    [{ size: 1280, host: '2001:db8::7' }, 1232],
    [{ size: 100 }, 180],
  ] as const)
    it(`is of the size that is asked for: ${JSON.stringify(question)}`, async () => {
      const network = networkTo(responder, 'port' in question ? question.port : 500);
      assert.equal((await ask(network, question)).ok, true);
      assert.equal(network.sent[0]?.length, expected);
    });

  it('reports silence, and that nothing listens', async () => {
    const silent = await ask(new FakeNetwork(() => []));
    const closed = await ask(new FakeNetwork(() => [systemError('ECONNREFUSED')]));
    assert.deepEqual(
      [silent, closed].map((one) => !one.ok && one.fault.code),
      ['ike-no-answer', 'ike-unreachable'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { notifyIn, readMessage, writeMessage, type InitMessage } from '../../../main/ike/message.ts';
import { notifyTypes } from '../../../main/ike/notify.ts';
import { proposalToText } from '../../../main/ike/proposal.ts';
import { flipped } from '../../kit/flips.ts';
import { recorded } from '../../kit/ike.ts';

function read(bytes: Uint8Array): Required<InitMessage> {
  const message = readMessage(bytes);
  assert(message.ok);
  return message.value;
}

/** The rule that a message breaks; `ok` if it breaks none. */
function rule(bytes: Uint8Array): string | undefined {
  const message = readMessage(bytes);
  return message.ok ? 'ok' : message.fault.rule;
}

const [request] = recorded('answer', 'initiator');
const [answer] = recorded('answer', 'responder');
const empty = { initiatorSpi: Buffer.alloc(8, 1), responderSpi: Buffer.alloc(8), isResponse: true };

/** A message with these bytes after its header. */
function withPayloads(first: number, ...bytes: readonly number[]): Uint8Array {
  const message = Buffer.concat([writeMessage(empty), Buffer.from(bytes)]);
  message[16] = first;
  message.writeUInt32BE(message.length, 24);
  return message;
}

function changed(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[offset] = value;
  return copy;
}

describe('a message of strongSwan', () => {
  it('is read: the choice, the key, the nonce and the CAs', () => {
    const { initiatorSpi, isResponse, proposals = [], keyExchange, nonce, keyIds } = read(answer);
    assert.deepEqual(initiatorSpi, read(request).initiatorSpi);
    assert.equal(isResponse, true);
    assert.deepEqual(proposals.map(proposalToText), ['aes128gcm16-prfsha256-ecp256']);
    assert.deepEqual([keyExchange?.group, keyExchange?.data.length, nonce?.length], [19, 64, 32]);
    assert.deepEqual(keyIds, ['9a37c19666f654c9960f16c8acd47378f90e2a87']);
  });

  it('is read: a cookie, another group, and a refusal', () => {
    const [first, second] = [recorded('cookie', 'responder')[0], recorded('group', 'responder')[0]];
    assert.equal(notifyIn(read(first), notifyTypes.COOKIE)?.length, 24);
    assert.deepEqual([...(notifyIn(read(second), notifyTypes.INVALID_KE_PAYLOAD) ?? [])], [0, 20]);
    assert.deepEqual(
      read(recorded('refusal', 'responder')[0]).notifies.map(({ type }) => type),
      [notifyTypes.NO_PROPOSAL_CHOSEN],
    );
  });
});

describe('a message', () => {
  it('is written as strongSwan understood it, byte by byte', () => {
    for (const name of ['answer', 'group', 'refusal', 'cookie'] as const)
      for (const bytes of recorded(name, 'initiator'))
        assert.deepEqual(Buffer.from(writeMessage(read(bytes))), bytes);
  });

  it('has its cookie first, whatever other notifies it has', () => {
    const notifies = [
      { type: 16388, data: Buffer.alloc(20) },
      { type: notifyTypes.COOKIE, data: Buffer.alloc(8) },
    ];
    assert.deepEqual(
      read(writeMessage({ ...read(request), notifies })).notifies.map(({ type }) => type),
      [notifyTypes.COOKIE, 16388],
    );
  });

  it('gets larger by its padding, which readers ignore', () => {
    const padded = writeMessage({ ...read(request), padding: 1000 });
    assert.equal(padded.length, request.length + 1004);
    assert.deepEqual(read(padded), read(request));
  });

  for (const [name, bytes, expected] of [
    ['has another length than its header says', Buffer.concat([request, Buffer.of(0)]), 'ike-header'],
    ['is shorter than a header', request.subarray(0, 27), 'ike-header'],
    ['is of IKEv1', changed(request, 17, 0x10), 'ike-version'],
    ['is of a later version', changed(request, 17, 0x30), 'ike-version'],
    ['is of a later minor version, which counts as IKEv2', changed(request, 17, 0x21), 'ok'],
    ['is of another exchange', changed(request, 18, 35), 'ike-header'],
    ['has a message id', changed(request, 23, 1), 'ike-header'],
    ['is neither request nor answer', changed(request, 19, 0), 'ike-header'],
    ['has an unknown payload', withPayloads(99, 0, 0, 0, 4), 'ok'],
    ['has an unknown payload that is critical', withPayloads(99, 0, 0x80, 0, 4), 'ike-critical-payload'],
    ['has a known payload that is marked critical', withPayloads(43, 0, 0x80, 0, 4), 'ok'],
    ['has a payload shorter than its header', withPayloads(43, 0, 0, 0, 3), 'ike-payload'],
    ['has a payload longer than the message', withPayloads(43, 0, 0, 0, 5), 'ike-payload'],
    ['has bytes after its last payload', withPayloads(43, 0, 0, 0, 4, 9), 'ike-payload'],
    ['is encrypted', withPayloads(46, 0, 0, 0, 4), 'ike-payload'],
    ['has a nonce of 15 bytes', withPayloads(40, 0, 0, 0, 19, ...Buffer.alloc(15)), 'ike-payload'],
    [
      'has two nonces',
      withPayloads(40, 40, 0, 0, 20, ...Buffer.alloc(16), 0, 0, 0, 20, ...Buffer.alloc(16)),
      'ike-payload',
    ],
    ['has a notify that ends within its SPI', withPayloads(41, 0, 0, 0, 8, 0, 9, 0, 14), 'ike-payload'],
    ['lists half a CA', withPayloads(38, 0, 0, 0, 15, 4, ...Buffer.alloc(10)), 'ike-payload'],
    [
      'has 65 payloads',
      withPayloads(43, ...Array.from({ length: 65 }, (_, at) => [at < 64 ? 43 : 0, 0, 0, 4]).flat()),
      'ike-payload',
    ],
    ['has a proposal for ESP', withPayloads(33, 0, 0, 0, 12, 0, 0, 0, 8, 1, 3, 0, 0), 'ike-payload'],
    [
      'has a proposal without algorithms',
      withPayloads(33, 0, 0, 0, 12, 0, 0, 0, 8, 1, 1, 0, 0),
      'ike-payload',
    ],
  ] as const)
    it(`gives ${expected} if it ${name}`, () => {
      assert.equal(rule(bytes), expected);
    });

  it('with one wrong bit never throws', () => {
    for (const bytes of [request, answer])
      for (let bit = 0; bit < 8 * bytes.length; bit++) readMessage(flipped(bytes, bit));
  });

  it('of any bytes, or with some of them replaced, never throws, and is read again as it was written', () => {
    const whole = fc.uint8Array({ maxLength: 600 });
    const mutated = fc
      .tuple(fc.constantFrom(request, answer), fc.nat(220), fc.nat(8), fc.uint8Array({ maxLength: 8 }))
      .map(([bytes, at, removed, added]) => {
        const message = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
        message.writeUInt32BE(message.length, 24);
        return message;
      });
    fc.assert(
      fc.property(fc.oneof(whole, mutated), (bytes) => {
        const message = readMessage(bytes);
        if (!message.ok) return;
        const again = readMessage(writeMessage(message.value));
        assert(
          again.ok ||
            message.value.proposals?.some(({ transforms }) => transforms.some((one) => one.isUnknown)),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

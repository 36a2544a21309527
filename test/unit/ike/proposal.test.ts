import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  choose,
  groupsOf,
  isChoiceFrom,
  proposalToText,
  readProposal,
  type Proposal,
} from '../../../main/ike/proposal.ts';

function proposal(text: string): Proposal {
  const read = readProposal(text);
  assert(read, text);
  return read;
}

const numbers = (text: string) =>
  proposal(text).transforms.map(({ type, id, keyBits }) => [
    type,
    id,
    ...(keyBits === undefined ? [] : [keyBits]),
  ]);

describe("a proposal in strongSwan's notation", () => {
  for (const [text, expected] of [
    [
      'aes128-sha256-ecp256',
      [
        [1, 12, 128],
        [2, 5],
        [3, 12],
        [4, 19],
      ],
    ],
    [
      'aes128gcm16-prfsha256-ecp256',
      [
        [1, 20, 128],
        [2, 5],
        [4, 19],
      ],
    ],
    [
      'aes256-sha384-ecp384',
      [
        [1, 12, 256],
        [2, 6],
        [3, 13],
        [4, 20],
      ],
    ],
    [
      'aes256-sha1-modp2048',
      [
        [1, 12, 256],
        [2, 2],
        [3, 2],
        [4, 14],
      ],
    ],
    [
      'aes256-sha512-prfsha256-curve25519',
      [
        [1, 12, 256],
        [2, 5],
        [3, 14],
        [4, 31],
      ],
    ],
    [
      'chacha20poly1305-prfsha512-x25519',
      [
        [1, 28],
        [2, 7],
        [4, 31],
      ],
    ],
    [
      'aes128-aes256-sha256-ecp256-ecp384',
      [
        [1, 12, 128],
        [1, 12, 256],
        [2, 5],
        [3, 12],
        [4, 19],
        [4, 20],
      ],
    ],
  ] as const)
    it(`has the numbers of its algorithms: ${text}`, () => {
      assert.deepEqual(numbers(text), expected);
    });

  for (const text of [
    'aes128-sha256-ecp256',
    'aes128gcm16-prfsha256-ecp256',
    'aes256-sha512-prfsha256-modp4096',
    '3des-sha1-modp1024',
    'camellia256-aescmac-prfaescmac-ecp512bp',
  ])
    it(`is written as it was read: ${text}`, () => {
      assert.equal(proposalToText(proposal(text)), text.replace('-prfaescmac', ''));
    });

  for (const [why, text] of [
    ['is empty', ''],
    ['has an unknown algorithm', 'aes128-sha256-ecp257'],
    ['has no group', 'aes128-sha256'],
    ['has no integrity', 'aes128-prfsha256-ecp256'],
    ['has no prf', 'aes128gcm16-ecp256'],
    ['has no encryption', 'sha256-ecp256'],
    ['mixes encryption with and without integrity', 'aes128-aes128gcm16-sha256-ecp256'],
  ] as const)
    it(`is refused if it ${why}`, () => {
      assert.equal(readProposal(text), undefined);
    });
});

describe('a choice', () => {
  const offered = [proposal('aes128gcm16-prfsha256-ecp256'), proposal('aes128-aes256-sha256-ecp256-ecp384')];

  for (const [text, expected] of [
    ['aes256-sha256-ecp384', true],
    ['aes128gcm16-prfsha256-ecp256', true],
    ['aes128gcm16-prfsha256-ecp384', false],
    ['aes192-sha256-ecp256', false],
    ['aes128-aes256-sha256-ecp256', false],
  ] as const)
    it(`${expected ? 'is' : 'is not'} one of what was offered: ${text}`, () => {
      assert.equal(isChoiceFrom(offered, proposal(text)), expected);
    });

  it('lacks nothing of the proposal', () => {
    const [encryption] = proposal('aes128-sha256-ecp256').transforms;
    assert(encryption);
    assert.equal(isChoiceFrom(offered, { transforms: [encryption] }), false);
  });

  it('is never an algorithm with an attribute that nobody knows', () => {
    const { transforms } = proposal('aes128-sha256-ecp256');
    const strange = { transforms: transforms.map((one) => ({ ...one, isUnknown: true as const })) };
    assert.equal(isChoiceFrom(offered, strange), false);
    assert.equal(choose(offered, [strange]), undefined);
  });

  it("follows the responder's preference", () => {
    const chosen = choose([proposal('aes256-sha256-ecp384-ecp256')], offered);
    assert(chosen);
    assert.equal(proposalToText(chosen), 'aes256-sha256-ecp384');
    assert.deepEqual(groupsOf(offered), [19, 20]);
  });
});

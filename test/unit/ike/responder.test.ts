import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Responder } from '../../../main/ike/index.ts';
import { readMessage, writeMessage } from '../../../main/ike/message.ts';
import { notifyTypes } from '../../../main/ike/notify.ts';
import { proposalToText } from '../../../main/ike/proposal.ts';
import { recorded } from '../../kit/ike.ts';

const [request] = recorded('answer', 'initiator');
const proposals = ['aes128-sha256-ecp256'];

function answerOf(responder: Responder, bytes: Uint8Array = request, from = '192.0.2.1') {
  const answer = responder.answer(bytes, 500, from);
  const message = answer && readMessage(answer);
  assert(message?.ok);
  return message.value;
}

describe('a responder', () => {
  it('answers a real request with its choice, under the number that the initiator gave it', () => {
    const answer = answerOf(new Responder({ proposals, keyIds: ['ab'.repeat(20)] }));
    const chosen = answer.proposals ?? [];
    assert.deepEqual(chosen.map(proposalToText), proposals);
    assert.equal(chosen[0]?.number, 2);
    assert.deepEqual(answer.keyIds, ['ab'.repeat(20)]);
    assert.equal(answer.isResponse, true);
    assert.notDeepEqual(answer.responderSpi, Buffer.alloc(8));
  });

  it('takes a cookie only from the address that it gave it to', () => {
    const responder = new Responder({ proposals, asksForCookie: true });
    const [cookie] = answerOf(responder).notifies;
    const message = readMessage(request);
    assert(message.ok && cookie);
    const again = writeMessage({ ...message.value, notifies: [cookie] });
    assert.equal(answerOf(responder, again).notifies.length, 0);
    for (const refused of [
      answerOf(responder, again, '192.0.2.2'),
      answerOf(new Responder({ proposals, asksForCookie: true }), again),
    ])
      assert.deepEqual(
        refused.notifies.map(({ type }) => type),
        [notifyTypes.COOKIE],
      );
  });

  it('answers nothing to an answer, to garbage, to a missing marker, and if it is silent', () => {
    const responder = new Responder({ proposals });
    const answers = [
      responder.answer(recorded('answer', 'responder')[0], 500, ''),
      responder.answer(Buffer.from('garbage'), 500, ''),
      responder.answer(request, 4500, ''),
      new Responder({ proposals, isSilent: true }).answer(request, 500, ''),
    ];
    assert.deepEqual(answers, [undefined, undefined, undefined, undefined]);
  });
});

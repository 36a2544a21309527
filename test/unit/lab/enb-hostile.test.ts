import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyReceipt, type Configuration } from '../../../main/bundle/index.ts';
import { fault } from '../../../main/faults/index.ts';
import { bundleFor, configurationFor, makeChallenge, makeScene } from '../../kit/bundle.ts';
import { makeReferenceEnb, temporaryFolder, trustOf } from '../../kit/enb.ts';
import { makeEnroller, settled } from '../../kit/enroller.ts';
import { ManualTime } from '../../kit/manual-time.ts';

const scene = makeScene();
const open = configurationFor(scene).initialIpsec;
const without = (changes: Partial<Configuration> = {}) =>
  bundleFor(scene, { initialIpsec: { ...open, required: false }, ...changes });

function makeLab(folder = temporaryFolder(), enroller = makeEnroller(scene)) {
  const time = new ManualTime();
  const steps = { enroller, later: time.later, uptime: time.uptime };
  return { enb: makeReferenceEnb(scene, { folder, steps }), enroller, time, folder };
}

describe('what an RA/CA, or anyone on the way to it, says to the eNB', () => {
  const texts = {
    'a character in two halves at the cut': `${'x'.repeat(999)}😀 and more`,
    'half of a character': `half ${String.fromCharCode(0xd83d)} of it`,
    noncharacters: 'no \ufffe \uffff \u{1ffff} characters',
    'controls and bidirectional marks': 'up \u001b[2J down \u202e left \u0000',
  };
  for (const [name, found] of Object.entries(texts)) {
    it(`cannot stop the eNB from starting again, or from reporting: ${name}`, async () => {
      const { enb, enroller, folder } = makeLab();
      enb.takeBundle(await without());
      enroller.obstacle = () => fault('cmp-unauthentic', { found });
      enb.startStep('enrolment');
      await settled(enb);
      const challenge = makeChallenge();
      const receipt = await enb.makeReceipt({ challenge });
      assert(receipt);
      const judged = verifyReceipt(receipt, { ...trustOf(scene), enb: enb.identity, challenge });
      assert(judged.ok, JSON.stringify(judged));
      assert(!/[\u0000-\u001f\u202e\ufffe\uffff]/.test(JSON.stringify(enb.steps())));
      await enb.close();
      const again = makeLab(folder).enb;
      assert.equal(again.steps().find(({ step }) => step === 'enrolment')?.state, 'failed');
    });
  }
});

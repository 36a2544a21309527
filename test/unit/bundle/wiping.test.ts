import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeBundle } from '../../../main/bundle/index.ts';
import { bundleFor, configurationFor, judge, makeScene, otherIdentity } from '../../kit/bundle.ts';

const scene = makeScene();
const reference = Buffer.from('reference of the credential');
const secret = Buffer.from('secret of the credential, "quoted"');
const pin = Buffer.from('secret of another kind');
const sealing = {
  recipient: scene.enb.certificate,
  credential: { reference, secret },
  secrets: new Map([['pin', pin]]),
};
/** As given, and as encoded in JSON. */
const secrets = [reference, secret, pin].flatMap((one) => [
  Buffer.from(one),
  Buffer.from(JSON.stringify(one.toString())),
]);

describe('the secrets of a bundle', () => {
  it('are in no buffer after it was made but in those that were given', async () => {
    const configuration = configurationFor(scene);
    const memory = await memoryOf(() => makeBundle(configuration, sealing, scene.signing));
    assert(memory.keys >= 1);
    memory.assertWiped(secrets);
    assert.equal(secret.toString(), 'secret of the credential, "quoted"');
  });

  it('are in no buffer any more while it waits for its signature', async () => {
    const { signer } = scene.signing;
    const asked = Promise.withResolvers<Uint8Array>();
    const answered = Promise.withResolvers<Uint8Array>();
    const sign = (data: Uint8Array) => {
      asked.resolve(data);
      return answered.promise;
    };
    const made: Promise<Uint8Array>[] = [];
    const memory = await memoryOf(() => {
      made.push(
        makeBundle(configurationFor(scene), sealing, { ...scene.signing, signer: { ...signer, sign } }),
      );
      return asked.promise;
    });
    assert(memory.keys >= 1);
    memory.assertWiped(secrets);
    answered.resolve(await signer.sign(memory.value));
    const [bundle = new Uint8Array()] = await Promise.all(made);
    assert.equal(judge(bundle, scene).accepted, true);
  });

  it('are in no buffer where it could not be made', async () => {
    const { publicKey, ...certificate } = scene.enb.certificate;
    const unfit = { kind: 'unsupported', algorithm: '1.2.3', spki: publicKey.spki } as const;
    const recipient = { ...certificate, publicKey: unfit };
    const memory = await memoryOf(() =>
      assert.rejects(makeBundle(configurationFor(scene), { ...sealing, recipient }, scene.signing)),
    );
    memory.assertWiped(secrets);
  });

  for (const [name, good] of [
    ['accepted', true],
    ['refused', false],
  ] as const) {
    it(`are in no buffer after it was ${name}`, async () => {
      const bundle = await makeBundle(configurationFor(scene), sealing, scene.signing);
      const changes = good ? {} : { lastSequence: 100 };
      const memory = await memoryOf(() => judge(bundle, scene, changes));
      assert.equal(memory.value.accepted, good);
      assert(memory.keys >= 1);
      memory.assertWiped(secrets);
    });
  }

  it('are not looked for in a bundle for another eNB', async () => {
    const bundle = await bundleFor(scene, { enb: otherIdentity });
    assert.equal((await memoryOf(() => judge(bundle, scene))).keys, 0);
  });
});

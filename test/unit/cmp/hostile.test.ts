import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { decode, der, oids, tags } from '../../../main/asn1/index.ts';
import { contents } from '../../../main/cmp/body.ts';
import { rejection } from '../../../main/cmp/status.ts';
import { certHashOf } from '../../../main/cmp/cert-hash.ts';
import { requestCertificate, revokeCertificate, rootUpdate, type Issued } from '../../../main/cmp/index.ts';
import { ClientTransaction } from '../../../main/cmp/client-transaction.ts';
import { party } from '../../../main/cmp/header.ts';
import type { Message } from '../../../main/cmp/message.ts';
import { readName, spkiOf } from '../../../main/pki/index.ts';
import { labOptions, now } from '../../kit/bundle.ts';
import { answerTo, bySecret, certificateFor, granting, scripted } from '../../kit/cmp-answers.ts';
import { ask, failOf, messageOf, nextHeader, refusalTo, requestFor } from '../../kit/cmp-requests.ts';
import { start } from '../../kit/cmp-start.ts';
import {
  credential,
  enrol,
  operatorCa,
  operatorRoot,
  orderOf,
  peerOf,
  ra,
  reference,
  secret,
  withCertificate,
} from '../../kit/cmp.ts';
import { generateKey, issue, issueCertificate, type KeyPair } from '../../kit/issue-certificate.ts';

const { notBefore, notAfter } = labOptions;
const dates = { notBefore, notAfter, training: false };

describe('the successor of a root', () => {
  const isNoCa = { subject: 'O=Lab Operator,CN=LAB0009', keyUsage: ['digitalSignature'] as const, ...dates };
  const isCa = { ...isNoCa, ca: true as const, keyUsage: ['keyCertSign', 'digitalSignature'] as const };
  const propose = (newRoot: KeyPair, linkIsCa: boolean) => {
    const link = issueCertificate(linkIsCa ? isCa : isNoCa, newRoot.key, operatorRoot);
    const value = der.sequence(newRoot.certificate.der, der.explicit(0, link.der));
    const { peer } = scripted((message) =>
      answerTo(message, { type: 'genp', content: contents.infos({ type: oids.rootCaKeyUpdateInfo, value }) }),
    );
    return rootUpdate(peer, operatorRoot.certificate, credential);
  };

  it('is proposed if the old root has made it a CA', async () => {
    const proposed = await propose(issue(isCa, 'P-256'), true);
    assert(proposed.ok, JSON.stringify(proposed));
  });

  it('is never a key that the old root has certified for something else, as for an eNB or the RA', async () => {
    for (const [contents, linkIsCa] of [
      [isCa, false],
      [isNoCa, true],
      [isNoCa, false],
    ] as const) {
      const proposed = await propose(issue(contents, 'P-256'), linkIsCa);
      assert(!proposed.ok, 'It is proposed');
      assert.equal(proposed.fault.code, 'cmp-certificate-unfit');
    }
  });
});

describe('an answer of the RA/CA', () => {
  it('cannot have a nonce of any length, which the client would have to keep', async () => {
    const { peer } = scripted((message) =>
      answerTo(message, granting(certificateFor(generateKey('P-256'))), {
        header: { senderNonce: Buffer.alloc(65, 1) },
      }),
    );
    const issued = await requestCertificate(peer, credential, orderOf());
    assert(!issued.ok);
    assert.equal(issued.fault.rule, 'cmp-sender-nonce');
  });

  it('fills no memory with the certificates that anybody on the way adds to it', async () => {
    const { peer } = scripted((message) => {
      const content = contents.pollRep({ certReqId: 0, checkAfter: 1, reason: [] });
      const extraCerts = Array.from({ length: 32 }, () => certificateFor(generateKey('P-256')));
      return answerTo(message, { type: 'pollRep', content }, { extraCerts });
    });
    const transaction = new ClientTransaction(peer, credential);
    for (let poll = 0; poll < 4; poll++)
      await transaction.send({ type: 'pollReq', content: contents.pollReq(0) }, ['pollRep']);
    assert.equal(transaction.certificates.length, 64);
  });
});

describe('an RA/CA that lets a client wait', () => {
  it('does not gain time by answering each poll slowly', async (context) => {
    let time = 0;
    context.mock.method(performance, 'now', () => time);
    const { peer, got } = scripted(
      (message) => {
        time += 59_000;
        const content = contents.pollRep({ certReqId: 0, checkAfter: 1, reason: [] });
        const waiting = contents.certRep({ certReqId: 0, status: { status: 3, texts: [] } });
        return answerTo(
          message,
          message.body.type === 'ir' ? { type: 'ip', content: waiting } : { type: 'pollRep', content },
        );
      },
      { patience: 600_000 },
    );
    const late = await requestCertificate(peer, credential, orderOf());
    assert(!late.ok);
    assert.equal(late.fault.code, 'cmp-waiting');
    assert(got.length < 14, `${got.length} messages`);
  });
});

/** A certConf about a certificate, in the transaction that an answer belongs to. */
function confirmation(answer: Message, { certificate }: Issued, isRejected: boolean) {
  const { certHash } = certHashOf(certificate);
  const statusInfo = isRejected ? { statusInfo: rejection('incorrectData', 'no') } : {};
  const content = contents.certConf({ certHash, certReqId: 0, ...statusInfo });
  return messageOf({ type: 'certConf', content }, bySecret, nextHeader(answer, bySecret));
}

describe('the RA/CA', () => {
  it('confirms no certificate that has been revoked meanwhile', async () => {
    const ca = await start();
    const key = generateKey('P-256');
    const first = await ask(ca, await messageOf(await requestFor(key)));
    const again = await ask(ca, await messageOf(await requestFor(key)));
    assert.deepEqual([failOf(first), failOf(again)], ['ip', 'ip']);
    const certificate = ca.journal.newest(
      `reference:${reference.toString('hex')}`,
      hash('sha256', spkiOf(key)),
    )!;
    const issued = { certificate: certificate.certificate, chain: [] };
    assert.equal(failOf(await ask(ca, await confirmation(first, issued, true))), 'pkiconf');
    assert.equal(failOf(await ask(ca, await confirmation(again, issued, false))), 'certRevoked');
    assert.equal(ca.journal.isConfirmed(certificate.certificate.sha256), false);
  });

  it('renews nothing with a certificate that a confirmed one has replaced, also after that is revoked', async () => {
    const ca = await start();
    const order = orderOf();
    const old = await enrol(peerOf(ca), credential, order);
    const renewal = orderOf({ kind: 'kur' });
    const newer = await enrol(peerOf(ca), withCertificate(order.key, old), renewal);
    const revoked = await revokeCertificate(peerOf(ca), withCertificate(renewal.key, newer), 1);
    assert(revoked.ok);
    const back = await requestCertificate(
      peerOf(ca),
      withCertificate(order.key, old),
      orderOf({ kind: 'kur' }),
    );
    assert(!back.ok, 'The old key is alive again');
    assert.deepEqual([back.fault.code, back.fault.rule], ['cmp-refused', 'cmp-fail-cert-revoked']);
  });

  it('renews again after its renewal was rejected', async () => {
    const ca = await start();
    const order = orderOf();
    const old = await enrol(peerOf(ca), credential, order);
    const by = withCertificate(order.key, old);
    const unwanted = await requestCertificate(
      peerOf(ca, { trustAnchors: [operatorRoot.certificate] }),
      by,
      orderOf({ kind: 'kur' }),
    );
    assert(unwanted.ok);
    const { certHash } = certHashOf(unwanted.value.certificate);
    const content = contents.certConf({
      certHash,
      certReqId: 0,
      statusInfo: rejection('incorrectData', 'no'),
    });
    const { id, nonce } = unwanted.value.pending!;
    const header = { transactionId: Buffer.from(id, 'hex'), recipNonce: Buffer.from(nonce, 'hex') };
    assert.equal(await refusalTo(ca, messageOf({ type: 'certConf', content }, by, header)), 'pkiconf');
    await enrol(peerOf(ca), by, orderOf({ kind: 'kur' }));
  });

  it('gives a holder another certificate for the key of its renewal once that has expired', async () => {
    const folder = await start();
    const order = orderOf();
    const old = await enrol(peerOf(folder), credential, order);
    const renewal = orderOf({ kind: 'kur' });
    await enrol(peerOf(folder), withCertificate(order.key, old), renewal);
    folder.close();
    const later = new Date(now.getTime() + 366 * 24 * 3_600_000);
    const ca = await start({ now: () => later }, folder.folder);
    const peer = peerOf(ca, { clock: () => ({ now: later, isExact: true }) });
    const again = await requestCertificate(peer, credential, { ...renewal, kind: 'ir' });
    assert(again.ok, JSON.stringify(again));
  });

  it('gives nobody the name of the RA, of the CA or of the root', async () => {
    const entries = [{ credential: { reference, secret }, subject: undefined, isBound: false }];
    const ca = await start({ entries });
    for (const { certificate } of [ra, operatorCa, operatorRoot]) {
      const key = generateKey('P-256');
      const message = messageOf(await requestFor(key, { name: certificate.subject }));
      assert.equal(await refusalTo(ca, message), 'badCertTemplate');
    }
  });

  it('answers the holder of a reference that is too long for a name', async () => {
    const long = Buffer.from('ä'.repeat(1_000));
    const ca = await start({ entries: [{ credential: { reference: long, secret } }] });
    await enrol(
      peerOf(ca),
      { kind: 'mac', reference: long, secret, iterations: 100 },
      orderOf({ subjectAltNames: [] }),
    );
  });

  it('repeats a long name of a stranger only in part', async () => {
    const texts: string[] = [];
    const ca = await start({ onAnswered: ({ refusal }) => texts.push(refusal?.text ?? '') });
    const value = der.element(tags.utf8String, Buffer.alloc(1_000, 'x'));
    const rdn = der.setOf([der.sequence(der.oid(oids.commonName), value)]);
    const long = decode(der.sequence(...Array.from({ length: 500 }, () => rdn)), readName);
    assert(long.ok);
    const recipient = party(long.value);
    assert.equal(
      await refusalTo(ca, messageOf({ type: 'genm', content: der.sequence() }, bySecret, { recipient })),
      'wrongAuthority',
    );
    assert.deepEqual(
      texts.map((text) => text.length <= 1_000),
      [true],
    );
  });
});

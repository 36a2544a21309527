// One bit of a message is another: what is protected, and the protection itself, are then never accepted. A bit of
// extraCerts, which nothing protects, changes nothing, or the message is refused.
//
// Every fifth bit is tried, which touches each byte. SITESEAL_EVERY_BIT=1 tries them all, in about a minute.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { contents, type OutgoingBody } from '../../../main/cmp/body.ts';
import { certHashOf } from '../../../main/cmp/cert-hash.ts';
import { writeTemplateOf } from '../../../main/cmp/crmf.ts';
import {
  caCertificates,
  confirmCertificate,
  requestCertificate,
  revokeCertificate,
  type Credentials,
  type Peer,
} from '../../../main/cmp/index.ts';
import type { Message } from '../../../main/cmp/message.ts';
import type { Protector } from '../../../main/cmp/protection.ts';
import { pkiStatus, rejection } from '../../../main/cmp/status.ts';
import type { Result } from '../../../main/faults/index.ts';
import { parseCertificate } from '../../../main/pki/index.ts';
import { answerTo, byRa, bySecret, certificateFor, granting, scripted } from '../../kit/cmp-answers.ts';
import { ask, messageOf, nextHeader, refusalTo, requestFor } from '../../kit/cmp-requests.ts';
import { start } from '../../kit/cmp-start.ts';
import {
  credential,
  enrol,
  operatorCa,
  operatorRoot,
  orderOf,
  otherSubject,
  peerOf,
  vendorCredential,
  withCertificate,
  type TestAuthority,
} from '../../kit/cmp.ts';
import { flipped, protectedOctets, withSameRandom } from '../../kit/flips.ts';
import { generateKey } from '../../kit/issue-certificate.ts';

const step = process.env['SITESEAL_EVERY_BIT'] === undefined ? 5 : 1;
const key = generateKey('P-256');
const certificate = certificateFor(key);
const chain = [operatorCa.certificate, operatorRoot.certificate];
const own = withCertificate(key, { certificate, chain });
const order = orderOf({ key });
const pending = { id: '00'.repeat(16), nonce: '11'.repeat(16) };

const waiting = contents.certRep({ certReqId: 0, status: { status: pkiStatus.waiting, texts: [] } });
const pollRep = contents.pollRep({ certReqId: 0, checkAfter: 1, reason: [] });
const caCerts = contents.infos({ type: oids.caCertsInfo, value: der.sequence(operatorCa.certificate.der) });

type Ask = (peer: Peer, credentials: Credentials) => Promise<Result<unknown>>;
const asking: Ask = (peer, credentials) => requestCertificate(peer, credentials, order);

/** What a client does, and how it is answered. The last answer gets the flips. */
const answers: Readonly<Record<string, readonly [Ask, ...OutgoingBody[]]>> = {
  ip: [asking, granting(certificate)],
  error: [asking, { type: 'error', content: contents.error(rejection('badRequest', 'No')) }],
  pollRep: [asking, { type: 'ip', content: waiting }, { type: 'pollRep', content: pollRep }],
  pkiconf: [
    (peer, credentials) => confirmCertificate(peer, credentials, { certificate, chain, pending }),
    { type: 'pkiconf', content: contents.pkiconf },
  ],
  genp: [(peer, credentials) => caCertificates(peer, credentials), { type: 'genp', content: caCerts }],
  rp: [
    (peer) => revokeCertificate(peer, own, 1),
    { type: 'rp', content: contents.revRep({ status: 0, texts: [] }) },
  ],
};

/** The faults of an answer that is not believed. */
const unbelieved = new Set([
  'cmp-malformed',
  'cmp-unexpected',
  'cmp-unauthentic',
  'cmp-algorithm',
  'cmp-signer-unfit',
]);

/** What came of it, in one line: the certificate, what was answered, or the fault. */
function outcome(result: Result<unknown>): string {
  if (!result.ok) return result.fault.code;
  const value = result.value as { readonly certificate?: { readonly sha256: string } } | undefined;
  return `ok ${value?.certificate?.sha256 ?? ''}`;
}

describe('a flipped bit of an answer', () => {
  for (const [kind, protector] of [
    ['MAC', bySecret],
    ['signature', byRa],
  ] as const)
    for (const [type, [run, ...bodies]] of Object.entries(answers)) {
      if (type === 'rp' && kind === 'MAC') continue; // A revocation is signed, and so is its answer.
      it(`is never believed: ${type} by ${kind}`, () =>
        withSameRandom(async (restart) => {
          const sent: Uint8Array[] = [];
          const record = scripted(async (message) => {
            const body = bodies[sent.length] ?? assert.fail('One message too many');
            const bytes = await answerTo(message, body, { protector });
            sent.push(bytes);
            return bytes;
          });
          const right = outcome(await run({ ...record.peer, patience: 0 }, credential));
          assert(!unbelieved.has(right), right);
          const last = sent.pop() ?? assert.fail();
          const before = [...sent];
          const runWith = async (bytes: Uint8Array) => {
            restart();
            let at = 0;
            const exchange = () => Promise.resolve({ ok: true as const, value: before[at++] ?? bytes });
            return outcome(await run({ ...record.peer, exchange, patience: 0 }, credential));
          };
          assert.equal(await runWith(last), right);
          const octets = protectedOctets(last);
          for (let bit = 0; bit < octets * 8; bit += step) {
            const found = await runWith(flipped(last, bit));
            assert(unbelieved.has(found), `bit ${bit}: ${found}`);
          }
          // One bit of some bytes of extraCerts: a certificate that is another leads nowhere, or is not needed.
          for (let index = octets; index < last.length; index += step) {
            const found = await runWith(flipped(last, index * 8 + (index & 7)));
            const isRefusal = unbelieved.has(found) || found === 'cmp-certificate-unfit';
            assert(found === right || isRefusal, `byte ${index}: ${found}`);
          }
        }));
    }
});

/** A message that the RA/CA accepts, after what has to come before. */
const requests: Readonly<Record<string, (ca: TestAuthority) => Promise<Uint8Array>>> = {
  'ir by MAC': async () => messageOf(await requestFor(key)),
  'ir by a vendor certificate': async () =>
    messageOf(await requestFor(key, { name: otherSubject }), vendorCredential),
  'certConf by MAC': (ca) => confirmationTo(ca, bySecret),
  'certConf by a vendor certificate': (ca) => confirmationTo(ca, vendorCredential),
  kur: async (ca) => {
    const issued = await enrol(peerOf(ca), credential, order);
    const kur = await requestFor(generateKey('P-256'), { type: 'kur', old: issued.certificate });
    return messageOf(kur, withCertificate(key, issued));
  },
  rr: async (ca) => {
    const issued = await enrol(peerOf(ca), credential, order);
    const content = contents.revReq(writeTemplateOf(issued.certificate), 1);
    return messageOf({ type: 'rr', content }, withCertificate(key, issued));
  },
};

async function confirmationTo(ca: TestAuthority, protector: Protector): Promise<Uint8Array> {
  const ir = await requestFor(key, protector.kind === 'mac' ? {} : { name: otherSubject });
  const answer: Message = await ask(ca, await messageOf(ir, protector));
  assert(answer.body.type === 'ip');
  const issued = parseCertificate(answer.body.responses[0]?.certificate ?? new Uint8Array());
  assert(issued.ok);
  const content = contents.certConf({ certReqId: 0, ...certHashOf(issued.value) });
  return messageOf({ type: 'certConf', content }, protector, nextHeader(answer, protector));
}

describe('a flipped bit of a request', () => {
  for (const [what, make] of Object.entries(requests))
    it(`is never granted, and leaves nothing behind: ${what}`, async () => {
      const ca = await start();
      const message = await make(ca);
      const writes: unknown[] = [];
      const write = ca.journal.write.bind(ca.journal);
      ca.journal.write = (entry) => (writes.push(entry), write(entry));
      const octets = protectedOctets(message);
      for (let bit = 0; bit < octets * 8; bit += step) {
        const answered = await refusalTo(ca, flipped(message, bit));
        assert.match(answered, /^[a-z]+[A-Z]/, `bit ${bit}: ${answered}`);
      }
      assert.deepEqual(writes, []);
      assert.doesNotMatch(await refusalTo(ca, message), /^(bad|signer|wrong|not)/);
      assert.equal(writes.length, 1);
    });

  it('in extraCerts is granted as the right one is, or refused', async () => {
    const message = await messageOf(await requestFor(key, { name: otherSubject }), vendorCredential);
    const ca = await start();
    const octets = protectedOctets(message);
    let granted = 0;
    for (let index = octets; index < message.length && granted === 0; index++) {
      const answered = await refusalTo(ca, flipped(message, index * 8 + (index & 7)));
      if (answered === 'ip') granted++;
    }
    // A vendor's path needs every certificate of extraCerts.
    assert.equal(granted, 0);
    assert.equal(await refusalTo(ca, message), 'ip');
  });
});

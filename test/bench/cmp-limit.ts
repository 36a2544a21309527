import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  hash,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { iterations, type CmpScene, type ProtectionKind } from '../kit/cmp-scene.ts';

/** As long as the parts of the messages are that are signed, about. */
const message = randomBytes(500);
const secret = randomBytes(30);

/**
 * The cryptography of one enrolment on both sides, by node:crypto, and nothing else: no message, no file, no network.
 * Four messages (ir, ip, certConf, pkiconf) are protected and judged. No program on node:crypto is faster, unless it
 * remembers paths that it has verified.
 */
export function doCmpCryptography(
  { root, ca, ra, vendorRoot, vendorIssuing }: CmpScene,
  kind: ProtectionKind,
): void {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const check = (publicKey: Parameters<typeof verify>[2], data: Uint8Array, signature: Uint8Array) => {
    if (!verify('sha256', data, publicKey, signature)) throw new Error('A signature does not verify');
  };
  const proof = sign('sha256', message, key.privateKey);
  check(key.publicKey, message, proof);
  const certificate = sign('sha256', message, ca.key);
  const caKey = createPublicKey(ca.key);
  const rootKey = createPublicKey(root.key);
  for (let number = 0; number < 4; number++) {
    if (kind === 'pbm') {
      if (!pbm().equals(pbm())) throw new Error('A MAC does not verify');
      continue;
    }
    // The eNB signs the first and the third message, with a path by its vendor; the RA the others.
    const [signer, issuing, anchor] =
      number % 2 === 0 ? [vendorIssuing, vendorIssuing, vendorRoot] : [ra, ca, root];
    check(createPublicKey(signer.key), message, sign('sha256', message, signer.key));
    const end = number % 2 === 0 ? undefined : ra.certificate;
    if (end) check(createPublicKey(issuing.key), end.tbs, end.signature);
    else check(caKey, message, certificate);
    check(createPublicKey(anchor.key), issuing.certificate.tbs, issuing.certificate.signature);
  }
  // The client judges the new certificate, and names it by its digest.
  check(caKey, message, certificate);
  check(rootKey, ca.certificate.tbs, ca.certificate.signature);
  hash('sha256', message, 'buffer');
  hash('sha256', message, 'buffer');
}

function pbm(): Buffer {
  let key = hash('sha256', secret, 'buffer');
  for (let round = 1; round < iterations; round++) key = hash('sha256', key, 'buffer');
  return createHmac('sha256', key).update(message).digest();
}

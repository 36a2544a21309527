import { createHash } from 'node:crypto';
import { plainSpki, type Certificate } from '../pki/index.ts';

/** How CERTREQ names a CA: SHA-1 of its SubjectPublicKeyInfo (RFC 7296 section 3.7), in lower-case hex. */
export function keyIdOf({ publicKey }: Certificate): string {
  return sha1(publicKey.spki);
}

/**
 * Whether a gateway that lists these CAs holds one of the roots. Null if it cannot be known: it lists nothing, or only an
 * intermediate, with which it may or may not accept the eNB.
 *
 * @param keyIds undefined if the gateway asks for no certificate
 */
export function vendorRootIn(
  keyIds: readonly string[] | undefined,
  roots: readonly Certificate[],
  intermediates: readonly Certificate[],
): true | false | null {
  if (!keyIds || keyIds.length === 0 || roots.length === 0) return null;
  const isListed = (certificate: Certificate) => idsOf(certificate).some((id) => keyIds.includes(id));
  if (roots.some(isListed)) return true;
  return intermediates.some(isListed) ? null : false;
}

/** Some gateways write the key again before they hash it. */
function idsOf({ publicKey }: Certificate): readonly string[] {
  return [publicKey.spki, plainSpki(publicKey)].map(sha1);
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

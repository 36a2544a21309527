import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  openAuthEnvelopedData,
  parseSignedData,
  sealAuthEnvelopedData,
  signData,
  verifySignedData,
  type RecipientCertificate,
} from '../cms/index.ts';
import { refuse, type Result, type Rule } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import {
  isAuthorised,
  isSameCertificate,
  isTrainingCertificate,
  nameFromText,
  nameToText,
  readAuthorisation,
  type Certificate,
  type EnbIdentity,
} from '../pki/index.ts';
import { minimumSignerRsaBits } from './bundle.ts';
import { enbIdentitySchema } from './configuration.ts';
import type { Signing } from './make-bundle.ts';
import { credentialMembers, type SealedSecrets } from './sealed.ts';
import { isSubjectAltName } from './values.ts';

/** The `format` of a registration of version 1. */
export const registrationFormat = 'siteseal-registration/1';

const rule = (code: Rule) => code;

/** A credential, and the eNB that may enrol with it. */
const credentialSchema = z.strictObject({
  reference: fields.text,
  secret: fields.text,
  ...enbIdentitySchema.shape,
  subject: fields.text.refine((text) => nameFromText(text).ok, rule('distinguished-name')),
  subjectAltNames: z
    .array(z.string().refine(isSubjectAltName, rule('subject-alt-name')))
    .min(1)
    .max(16)
    .optional(),
});

/** What the RA/CA learns of the credentials that Siteseal has made. */
export const registrationSchema = z.strictObject({
  format: z.literal(registrationFormat),
  registrationId: fields.uuid,
  issuedAt: fields.time,
  training: z.boolean(),
  /** The name of the RA/CA, as eNBs have it. */
  raName: fields.text,
  credentials: z.array(credentialSchema).min(1),
});

/** The decrypted content of a registration. Its secrets are strings, which cannot be wiped. */
export type RegistrationContent = z.infer<typeof registrationSchema>;

/** The members of a registration beside its credentials. */
export type RegistrationHead = Omit<RegistrationContent, 'format' | 'credentials'>;

/** A new credential, as UTF-8 bytes that their owner wipes, and the eNB that gets it. */
export interface NewCredential {
  readonly enb: EnbIdentity;
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credential: Required<SealedSecrets>['credential'];
}

/**
 * Makes a registration (DER): SignedData over AuthEnvelopedData for the RA/CA's certificate. Only the RA/CA can read
 * the secrets. They are copied byte by byte and never become strings.
 */
export async function makeRegistration(
  head: RegistrationHead,
  credentials: readonly NewCredential[],
  recipient: RecipientCertificate,
  { signer, intermediates }: Pick<Signing, 'signer' | 'intermediates'>,
): Promise<Uint8Array> {
  const plaintext = encodeRegistration(head, credentials);
  try {
    const sealed = sealAuthEnvelopedData(plaintext, recipient);
    return await signData(sealed, signer, new Date(head.issuedAt), intermediates);
  } finally {
    plaintext.fill(0);
  }
}

/** The caller wipes the returned buffer. */
function encodeRegistration(head: RegistrationHead, credentials: readonly NewCredential[]): Buffer {
  const first = JSON.stringify({ format: registrationFormat, ...head });
  const parts: Buffer[] = [Buffer.from(`${first.slice(0, -1)},"credentials":[`)];
  for (const [index, { enb, subject, subjectAltNames, credential }] of credentials.entries()) {
    const names = subjectAltNames.length > 0 ? { subjectAltNames } : {};
    const about = JSON.stringify({ ...enb, subject, ...names });
    const start = index === 0 ? '{' : ',{';
    parts.push(Buffer.from(start), credentialMembers(credential), Buffer.from(`,${about.slice(1)}`));
  }
  const plaintext = Buffer.concat([...parts, Buffer.from(']}')]);
  for (const part of parts) part.fill(0);
  return plaintext;
}

/**
 * Opens a registration as the RA/CA: verifies that one of these signers has signed it, and that the vendor has certified
 * that signer's key for each of the eNBs. Then decrypts. Refuses with `registration-unusable`. The fault never shows a
 * secret.
 * @param signers the certificates of the RA/CA's own operator. A path to a vendor root is not enough: the vendor certifies
 * other operators too.
 */
export function openRegistration(
  bytes: Uint8Array,
  key: KeyObject,
  signers: readonly Certificate[],
): Result<RegistrationContent, 'registration-unusable'> {
  const signed = parseSignedData(bytes);
  if (!signed.ok) return refuse('registration-unusable', { because: signed.fault });
  const signer = verifySignedData(signed.value, minimumSignerRsaBits);
  if (!signer.ok) return refuse('registration-unusable', { because: signer.fault });
  if (!signers.some((one) => isSameCertificate(one, signer.value))) {
    const found = nameToText(signer.value.subject);
    return refuse('registration-unusable', { rule: 'registration-signer', found });
  }
  const authorisation = readAuthorisation(signer.value);
  if (!authorisation.ok) return refuse('registration-unusable', { because: authorisation.fault });
  const scope = authorisation.value;
  if (!scope) return refuse('registration-unusable', { rule: 'configuration-authorisation' });
  const opened = openAuthEnvelopedData(signed.value.content, key, undefined);
  if (!opened.ok) return refuse('registration-unusable', { because: opened.fault });
  // The size of the file bounds the number of values.
  const content = readDocument(opened.value, registrationFormat, registrationSchema, Infinity);
  opened.value.fill(0);
  if (!content.ok) return refuse('registration-unusable', { because: content.fault });
  if (content.value.training !== isTrainingCertificate(signer.value))
    return refuse('registration-unusable', { rule: 'registration-training' });
  const foreign = content.value.credentials.find((one) => !isAuthorised(scope, one));
  return foreign
    ? refuse('registration-unusable', {
        rule: 'registration-scope',
        found: `${foreign.serialNumber} (${foreign.hwType})`,
      })
    : content;
}

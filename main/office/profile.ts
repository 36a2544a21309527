import { hash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import {
  defaultProposals,
  defaultRenewAt,
  initialIdentitySchema,
  innerSchema,
  isRootCertificate,
  judgeSigner,
  values,
  type Signing,
} from '../bundle/index.ts';
import { toText } from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Result, type Rule } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { parseEditedJson, readValue } from '../json/index.ts';
import { checkConfigurationKey, newestFirst, openSigner } from '../keys/index.ts';
import {
  canReceive,
  describeKey,
  hasIssuedCrl,
  isSelfIssued,
  isTrainingCertificate,
  nameFromText,
  nameToText,
  newestOfEachSeries,
  type Certificate,
  type Clock,
  type Crl,
  type VendorConfigurationAuthorisation,
} from '../pki/index.ts';
import { keySchema, NamedFiles, pathSchema, type KeyFiles } from './named-files.ts';
import { hidesCharacter } from './signed-text.ts';

const maximumProfileSize = 1024 * 1024;

const text = z.string().min(1).max(1024);
/** A text that must satisfy a predicate. `rule` describes what is expected. */
function judged(isValid: (text: string) => boolean, rule: Rule) {
  return text.refine(isValid, rule);
}

/** A text that becomes part of the signed bundle, so it must not hide characters. */
function signed(isValid: (text: string) => boolean, rule: Rule) {
  return judged(isValid, rule).refine((text) => !hidesCharacter(text), 'hidden-character' satisfies Rule);
}

const proposals = z.array(judged(values.isProposal, 'proposal')).min(1).max(32);

/** Fills a template from the profile with an eNB's serial number. */
function forSerial(template: string, serialNumber: string): string {
  return template.replaceAll('{serial}', serialNumber);
}

/** The subject and the alternative names that an eNB enrols with: in its bundle, and in its registration at the RA/CA. */
export function enrolmentNames(
  { document: { enrolment } }: Pick<Profile, 'document'>,
  serialNumber: string,
): { readonly subject: string; readonly subjectAltNames: readonly string[] } {
  return {
    subject: forSerial(enrolment.subject, serialNumber),
    subjectAltNames: enrolment.subjectAltNames.map((name) => forSerial(name, serialNumber)),
  };
}

/** A sample serial number, for checking templates before the eNB is known. */
const anySerial = 'A1';

const vendorSchema = z.strictObject({
  rootCertificates: z.array(pathSchema).min(1),
  intermediates: z.array(pathSchema).default([]),
  crls: z.array(pathSchema).default([]),
  configurationKey: keySchema,
});

/** The schema of `operator.json`, with defaults. */
export const profileSchema = z.strictObject({
  name: signed(values.isLabel, 'label'),
  plmn: judged(values.isPlmn, 'plmn'),
  operatorRootCertificates: z.array(pathSchema).min(1).max(16),
  enrolment: z
    .strictObject({
      protection: z.enum(['mac', 'vendor-certificate']).default('mac'),
      subject: signed((name) => nameFromText(forSerial(name, anySerial)).ok, 'distinguished-name').default(
        'CN={serial}',
      ),
      subjectAltNames: z
        .array(judged((name) => values.isSubjectAltName(forSerial(name, anySerial)), 'subject-alt-name'))
        .max(16)
        .default([]),
      dns: z.array(judged(values.isAddress, 'address')).max(16).optional(),
      renewAt: z
        .int()
        .refine(values.isRenewAt, 'renew-at' satisfies Rule)
        .default(defaultRenewAt),
      minimumSecretLength: z.int().min(1).max(1024).default(12),
      unusualCredentials: z.boolean().default(false),
      registrationCertificate: pathSchema.optional(),
    })
    .prefault({}),
  securityGateways: z
    .record(
      judged(values.isHost, 'host-one'),
      z.strictObject({
        identity: signed(values.isLabel, 'label').optional(),
        /** Without them, everything is behind a traffic gateway. An initial gateway needs them. */
        remoteSubnets: z
          .array(judged(values.isAddressWithPrefix, 'address-with-prefix'))
          .min(1)
          .max(64)
          .optional(),
        proposals: proposals.optional(),
        espProposals: proposals.optional(),
        inner: innerSchema
          .refine(
            (inner) => inner.method === 'assigned' || values.areInnerAddresses(inner.addresses),
            'inner-addresses' satisfies Rule,
          )
          .optional(),
      }),
    )
    .default({}),
  initialIpsec: z
    .strictObject({
      required: z.boolean().default(true),
      identity: initialIdentitySchema.default('dn'),
      proposals: proposals.default(defaultProposals.ike),
      espProposals: proposals.default(defaultProposals.esp),
    })
    .prefault({}),
  requireFreshCrl: z.boolean().default(false),
  officeKey: keySchema.optional(),
  vendors: z.record(z.string().min(1), vendorSchema),
});
/** The content of `operator.json`, with defaults filled in. */
export type ProfileDocument = z.infer<typeof profileSchema>;

/** A vendor from the operator profile, with the content of all its files. */
export interface Vendor extends KeyFiles {
  readonly name: string;
  readonly rootCertificates: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** Whether to refuse a configuration key whose CRL is past its next update. */
  readonly requireFreshCrl: boolean;
}

/** The operator profile with the content of every file it names. Its keys are still locked. */
export interface Profile {
  readonly document: ProfileDocument;
  readonly operatorRoots: readonly Certificate[];
  /** `operatorRoots` as configurations hold them: DER in base64. */
  readonly encodedRoots: readonly string[];
  /** The RA/CA's certificate, which the credentials that Siteseal makes are encrypted to. */
  readonly registrationCertificate?: Certificate;
  /** Signs introductions and job packs. */
  readonly officeKey?: KeyFiles;
  readonly vendors: ReadonlyMap<string, Vendor>;
  /** Keyed by `canonicalHost`, because the inventory may spell an address differently. */
  readonly securityGateways: ReadonlyMap<string, ProfileDocument['securityGateways'][string]>;
  /** Whether every root is a training root. */
  readonly training: boolean;
  /** The SHA-256 of `operator.json`, in lower-case hex. */
  readonly sha256: string;
}

type ProfileResult<Value> = Result<Value, 'profile-invalid'>;

/**
 * Reads `operator.json` and every file that it names, relative to its folder. Refuses with `profile-invalid` if the
 * content is invalid or a named file is unusable.
 * @param folders the path to the profile must not follow a symbolic link below these folders. Files that the profile
 * names may, because its author chooses them.
 */
export function readProfile(
  file: string,
  folders: readonly string[] = [],
): Result<Profile, 'profile-invalid' | 'file-unreadable' | 'file-too-large'> {
  const bytes = readFile(file, maximumProfileSize, folders);
  if (!bytes.ok) return bytes;
  const json = parseEditedJson(bytes.value);
  const document = json.ok ? readValue(json.value, profileSchema) : json;
  if (!document.ok) {
    const { rule, found, where } = document.fault;
    return refuse('profile-invalid', {
      ...(rule && { rule }),
      ...(found !== undefined && { found }),
      where: { file, ...where },
    });
  }
  const profile = readNamedFiles(document.value, dirname(resolve(file)));
  if (!profile.ok) return refused(prependWhere(profile.fault, { file }));
  return ok({ ...profile.value, sha256: hash('sha256', bytes.value) });
}

function readNamedFiles(document: ProfileDocument, folder: string): ProfileResult<Omit<Profile, 'sha256'>> {
  const reader = new NamedFiles(folder);
  const operatorRoots = reader.certificates('operatorRootCertificates', document.operatorRootCertificates);
  const vendors = new Map<string, Vendor>();
  for (const [name, vendor] of Object.entries(document.vendors)) {
    const member = `vendors.${name}`;
    vendors.set(name, {
      name,
      rootCertificates: reader.certificates(`${member}.rootCertificates`, vendor.rootCertificates),
      intermediates: reader.certificates(`${member}.intermediates`, vendor.intermediates),
      crls: reader.crls(`${member}.crls`, vendor.crls),
      requireFreshCrl: document.requireFreshCrl,
      ...reader.key(`${member}.configurationKey`, vendor.configurationKey),
    });
  }
  const officeKey = document.officeKey && reader.key('officeKey', document.officeKey);
  const { registrationCertificate: named } = document.enrolment;
  const registrationMember = 'enrolment.registrationCertificate';
  const [registrationCertificate] =
    named === undefined ? [] : reader.certificates(registrationMember, [named]);
  if (reader.fault) return refused(reader.fault);
  if (registrationCertificate && !canReceive(registrationCertificate)) {
    const found = describeKey(registrationCertificate.publicKey);
    const where = { field: registrationMember };
    return refuse('profile-invalid', { rule: 'registration-certificate', found, where });
  }
  const rootMembers: readonly (readonly [string, readonly Certificate[]])[] = [
    ['operatorRootCertificates', operatorRoots],
    ...[...vendors.values()].map(
      ({ name, rootCertificates }) => [`vendors.${name}.rootCertificates`, rootCertificates] as const,
    ),
  ];
  const roots = rootMembers.flatMap(([, certificates]) => certificates);
  const training = isTrainingCertificate(operatorRoots[0] ?? roots[0] ?? missingRoot());
  if (roots.some((root) => isTrainingCertificate(root) !== training)) {
    return refuse('profile-invalid', { rule: 'profile-training', where: { field: 'vendors' } });
  }
  if (registrationCertificate && isTrainingCertificate(registrationCertificate) !== training)
    return refuse('profile-invalid', { rule: 'profile-training', where: { field: registrationMember } });
  const wrong = rootMembers.find(([, certificates]) => !certificates.every(isRootCertificate));
  if (wrong) return refuse('profile-invalid', { rule: 'root-certificate', where: { field: wrong[0] } });
  const below = [...vendors.values()].find((vendor) => !vendor.rootCertificates.every(isSelfIssued));
  if (below) {
    const where = { field: `vendors.${below.name}.rootCertificates` };
    return refuse('profile-invalid', { rule: 'vendor-root', where });
  }
  const securityGateways = new Map(
    Object.entries(document.securityGateways).map(([host, one]) => [values.canonicalHost(host), one]),
  );
  if (securityGateways.size < Object.keys(document.securityGateways).length)
    return refuse('profile-invalid', { rule: 'hosts-once', where: { field: 'securityGateways' } });
  const encodedRoots = operatorRoots.map(({ der }) => toText(der, 'base64'));
  return ok({
    document,
    operatorRoots,
    encodedRoots,
    ...(registrationCertificate && { registrationCertificate }),
    ...(officeKey && { officeKey }),
    vendors,
    securityGateways,
    training,
  });
}

function missingRoot(): never {
  throw new Error('The profile schema requires a root certificate');
}

/** A vendor with its configuration key unlocked and checked as the vendor's eNBs check it. */
export interface UnlockedVendor extends Vendor {
  readonly signing: Signing;
  readonly authorisation: VendorConfigurationAuthorisation;
  /** The earliest `notAfter` of the certificates in the signer's path. */
  readonly signerEnd: Date;
  /** Where eNBs require current CRLs, when the first of those in the bundles ends. */
  readonly listEnd?: Date;
}

/**
 * Unlocks a vendor's configuration key. A certificate in a separate, unencrypted file is checked first, so that a key
 * that may not sign is refused for that reason. Refuses with the code that an eNB's acceptance would use.
 */
export async function unlockVendor(
  vendor: Vendor,
  passphrase: Uint8Array | undefined,
  clock: Clock,
): Promise<Result<UnlockedVendor>> {
  const where = { file: vendor.keyFile };
  if (vendor.keySource.kind === 'pkcs8') {
    const { certificates } = vendor.keySource;
    const candidates = newestFirst(
      certificates.filter((one) => !isRootCertificate(one)),
      clock.now,
    );
    const judged = candidates.map((one) => judgeCertificate(vendor, one, certificates, clock));
    const [first] = judged;
    if (first && !first.ok && !judged.some((one) => one.ok)) return refused(prependWhere(first.fault, where));
  }
  const signer = await openSigner(vendor.keySource, passphrase, clock.now);
  if (!signer.ok) return refused(prependWhere(signer.fault, where));
  const strong = checkConfigurationKey(signer.value.certificate);
  if (!strong.ok) return refused(prependWhere(strong.fault, where));
  const judged = judgeCertificate(vendor, signer.value.certificate, signer.value.chain, clock);
  if (!judged.ok) return refused(prependWhere(judged.fault, where));
  const { path, authorisation } = judged.value;
  const lists = vendor.crls.filter(({ issuer }) => path.some(({ subject }) => subject.key === issuer.key));
  const listEnds = vendor.requireFreshCrl
    ? newestOfEachSeries(lists).flatMap(({ nextUpdate }) => nextUpdate ?? [])
    : [];
  return ok({
    ...vendor,
    signing: { signer: signer.value, intermediates: path.slice(1, -1), crls: vendor.crls },
    authorisation,
    signerEnd: earliest(path.map(({ notAfter }) => notAfter)),
    ...(listEnds.length > 0 && { listEnd: earliest(listEnds) }),
  });
}

function earliest(dates: readonly Date[]): Date {
  return new Date(Math.min(...dates.map((date) => date.getTime())));
}

/** What the log says about an unlocked key. */
export function keyFacts({ signing }: UnlockedVendor): { readonly certificateSha256: string } {
  return { certificateSha256: signing.signer.certificate.sha256 };
}

function judgeCertificate(vendor: Vendor, target: Certificate, chain: readonly Certificate[], clock: Clock) {
  const intermediates = [...vendor.intermediates, ...chain];
  const { path, untrusted, expired, revoked, unauthorised, authorisation } = judgeSigner({
    target,
    trustAnchors: vendor.rootCertificates,
    intermediates,
    crls: vendor.crls,
    allowsEndedCrls: !vendor.requireFreshCrl,
    clock,
  });
  // An unusable CRL does not mean that the key is revoked.
  const unusable = revoked?.because?.code === 'crl-unusable' ? revoked.because : undefined;
  const fault = untrusted ?? expired ?? unusable ?? revoked ?? unauthorised;
  if (fault) return refused(fault);
  const cas = [...vendor.rootCertificates, ...intermediates];
  const foreign = vendor.crls.find((crl) => !cas.some((ca) => hasIssuedCrl(ca, crl)));
  if (foreign) return refuse('crl-unusable', { rule: 'crl-signature', found: nameToText(foreign.issuer) });
  if (!path || !authorisation) throw new Error('An accepted signer must have a path and an authorisation');
  return ok({ path, authorisation });
}

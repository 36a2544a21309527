import { z } from 'zod';
import { canonicalise, fields, type JsonObject } from '../json/index.ts';
import { hash } from 'node:crypto';
import { maximumEpoch, serialNumberPattern } from '../pki/index.ts';

/** The `format` of a configuration of version 1. */
export const configurationFormat = 'siteseal-configuration/1';

/** The highest sequence number: the largest integer that every JSON reader represents exactly. */
export const maximumSequence = Number.MAX_SAFE_INTEGER;

const { base64, oid, sha256, text, time, uuid } = fields;

/** A sequence number or a receipt number. Starts at 1. */
export const sequenceSchema = z.int().min(1).max(maximumSequence);

/** An epoch of the vendor's authorisation, or 0 without one. */
export const epochSchema = z.int().min(0).max(maximumEpoch);

/** An `EnbIdentity` in JSON. */
export const enbIdentitySchema = z.strictObject({
  hwType: oid,
  serialNumber: z.string().regex(serialNumberPattern, 'serial-number'),
});

const proposals = z.array(text).min(1).max(32);

/** Which of the vendor certificate's names the eNB uses as IKE identity in step 0.5 (RFC 7296 section 3.5). */
export const initialIdentitySchema = z.enum(['dn', 'fqdn']);

/** How an eNB gets its addresses inside a tunnel. A static one has at most one address of each family. */
export const innerSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('assigned') }),
  z.strictObject({ method: z.literal('static'), addresses: z.array(text).min(1).max(2) }),
]);

/**
 * The content of a bundle: what an eNB needs before it can enrol. The schema fixes the members and their form.
 * `checkConfiguration` checks their values.
 */
export const configurationSchema = z.strictObject({
  format: z.literal(configurationFormat),
  bundleId: uuid,
  sequence: sequenceSchema,
  issuedAt: time,
  notBefore: time,
  notAfter: time,
  training: z.boolean(),
  enb: enbIdentitySchema.extend({ certificateSha256: sha256.optional() }),
  site: z.strictObject({ id: text, name: text }),
  operator: z.strictObject({ name: text, plmn: text }),
  operatorRootCertificates: z.array(base64).min(1).max(16),
  enrolment: z.strictObject({
    protocol: z.literal('cmpv2'),
    url: text,
    caName: text,
    subject: text,
    subjectAltNames: z.array(text).max(16).optional(),
    protection: z.enum(['mac', 'vendor-certificate']),
    /** Addresses of DNS servers that resolve the RA/CA's name, asked through the tunnel. */
    dns: z.array(text).max(16).optional(),
    /** Percent of the certificate's life. Absent in bundles made before it existed: see `renewAt`. */
    renewAt: z.int().optional(),
  }),
  backhaul: z.strictObject({
    address: z.discriminatedUnion('method', [
      z.strictObject({ method: z.literal('dhcp') }),
      z.strictObject({
        method: z.literal('static'),
        ipv4: text.optional(),
        ipv6: text.optional(),
        gateway: text,
      }),
    ]),
    vlan: z.int().optional(),
    mtu: z.int(),
    dns: z.array(text).max(16),
    ntp: z.array(text).max(16),
    ikeIdentity: text.optional(),
  }),
  securityGateways: z
    .array(
      z.strictObject({
        role: z.enum(['initial', 'traffic']),
        address: text,
        identity: text,
        remoteSubnets: z.array(text).min(1).max(64),
        /** In strongSwan's notation, as in `initialIpsec`. Absent: those of `initialIpsec`. */
        proposals: proposals.optional(),
        espProposals: proposals.optional(),
        /** The eNB's addresses inside the tunnel. Absent: the gateway assigns them. */
        inner: innerSchema.optional(),
      }),
    )
    .max(32),
  initialIpsec: z.strictObject({
    required: z.boolean(),
    /** What the eNB calls itself: its vendor certificate's subject, or the first DNS name in it. Absent: `dn`. */
    identity: initialIdentitySchema.optional(),
    proposals,
    espProposals: proposals,
  }),
  sealed: base64.optional(),
});

/** The content of a bundle, `siteseal-configuration/1`. */
export type Configuration = z.infer<typeof configurationSchema>;

/** What is proposed for tunnels if nothing else is asked for, in strongSwan's notation. */
export const defaultProposals = {
  ike: ['aes128gcm16-prfsha256-ecp256', 'aes128-sha256-ecp256'],
  esp: ['aes128gcm16', 'aes128-sha256'],
};

/** When an eNB renews its certificate, in percent of the certificate's life, if nothing else is asked for. */
export const defaultRenewAt = 70;

/** When the eNB renews its certificate, in percent of the certificate's life. */
export function renewAt({ enrolment }: Pick<Configuration, 'enrolment'>): number {
  return enrolment.renewAt ?? defaultRenewAt;
}

/** SHA-256 of the RFC 8785 form of the content without `sealed`, lower-case hex. The sealed part is bound to it. */
export function outerSha256(configuration: Configuration): string {
  const { sealed: _, ...outer } = configuration;
  return hash('sha256', canonicalise(outer as JsonObject));
}

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
      }),
    )
    .max(32),
  initialIpsec: z.strictObject({
    required: z.boolean(),
    proposals: z.array(text).min(1).max(32),
    espProposals: z.array(text).min(1).max(32),
  }),
  sealed: base64.optional(),
});

/** The content of a bundle, `siteseal-configuration/1`. */
export type Configuration = z.infer<typeof configurationSchema>;

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

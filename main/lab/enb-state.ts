import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  configurationSchema,
  epochSchema,
  maximumSequence,
  stepSchema,
  verdictSchema,
} from '../bundle/index.ts';
import { storedIssuedSchema } from '../cmp/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, writeFileAtomically } from '../files/index.ts';
import { fields, readDocument } from '../json/index.ts';

const stateFormat = 'siteseal-lab-enb/1';

/** A request for a certificate, from the making of its key until the certificate is confirmed. */
const attemptSchema = z.strictObject({
  /** Names the file of the key: see `EnbKeys`. */
  key: fields.sha256,
  /** The certificate, stored before it is confirmed. */
  issued: storedIssuedSchema.optional(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** An enrolment that is not done. */
const enrolmentSchema = attemptSchema.extend({
  /** SHA-256 of the signed content of its bundle. */
  content: fields.sha256,
  /** What the RA/CA has bound to the key: see `EnbCertificates`. */
  binding: fields.sha256,
});

/** What a step reports about itself. */
const stepRecordSchema = stepSchema.omit({ step: true });
export type StepRecord = z.infer<typeof stepRecordSchema>;

/** The steps of one bundle. Those of another bundle do not count any more. */
const stepsSchema = z.strictObject({
  /** SHA-256 of the signed content of the bundle. */
  content: fields.sha256,
  'initial-ipsec': stepRecordSchema.optional(),
  enrolment: stepRecordSchema.optional(),
  'backhaul-ipsec': stepRecordSchema.optional(),
  renewal: stepRecordSchema.optional(),
});

/** The operator certificate in use, and what its renewal needs. A new bundle does not change it. */
const operatorSchema = z.strictObject({
  key: fields.sha256,
  certificate: fields.base64,
  chain: z.array(fields.base64),
  /** SHA-256 of the signed content of the bundle that the eNB enrolled with, and its settings for enrolment. */
  content: fields.sha256,
  binding: fields.sha256,
  enrolment: configurationSchema.shape.enrolment,
  roots: z.array(fields.base64),
  /** Whether it comes from a renewal. */
  isRenewed: z.boolean(),
  /** Whether its renewal needs a tunnel, as its bundle says. */
  needsTunnel: z.boolean().optional(),
  /** How long the eNB has been running with this certificate, in seconds. An eNB without a clock counts it. */
  uptime: z.int().min(0),
  /** How many renewals have failed in a row. */
  failures: z.int().min(0),
  /** The renewal that is not done yet. */
  attempt: attemptSchema.optional(),
});
export type OperatorCredential = z.infer<typeof operatorSchema>;

const gateway = configurationSchema.shape.securityGateways.element.shape;

/**
 * What the last step 2 has brought up: the eNB is in service with it. It stays until the step 2 of another bundle is
 * done, with its own copy of the operator certificate, which may be older than the one of a new enrolment.
 */
const serviceSchema = z.strictObject({
  /** SHA-256 of the signed content of its bundle. */
  content: fields.sha256,
  key: fields.sha256,
  certificate: fields.base64,
  chain: z.array(fields.base64),
  roots: z.array(fields.base64),
  ikeIdentity: z.string().optional(),
  gateways: z.array(
    z.strictObject({
      address: gateway.address,
      identity: gateway.identity,
      remoteSubnets: gateway.remoteSubnets.readonly(),
      proposals: configurationSchema.shape.initialIpsec.shape.proposals.readonly(),
      espProposals: configurationSchema.shape.initialIpsec.shape.espProposals.readonly(),
      innerAddresses: z.array(z.string()).readonly().optional(),
    }),
  ),
});
export type Service = z.infer<typeof serviceSchema>;

const stateSchema = z.strictObject({
  format: z.literal(stateFormat),
  /** The accepted bundle, its epoch and its sequence number change together, so they share one file. */
  accepted: z
    .strictObject({
      bundle: fields.base64,
      sha256: fields.sha256,
      epoch: epochSchema,
      sequence: z.int().min(1).max(maximumSequence),
    })
    .optional(),
  /** The verdict on the last bundle. */
  last: z
    .strictObject({
      bundleSha256: fields.sha256,
      bundleId: fields.uuid.optional(),
      sequence: z.int().optional(),
      verdict: verdictSchema,
    })
    .optional(),
  receiptNumber: z.int().min(0).max(maximumSequence),
  /** The latest time that an accepted bundle has proven to everyone. */
  latestTrusted: fields.time.optional(),
  /** The latest `issuedAt` of an accepted bundle of each signer's key, by the SHA-256 of its SubjectPublicKeyInfo. */
  signerTimes: z.record(fields.sha256, fields.time),
  /** CRLs with full effect: for each CA and scope the newest from an accepted bundle. */
  crls: z.array(z.strictObject({ der: fields.base64, isUnrestricted: z.boolean() })),
  /** CRLs that can only revoke: newer ones from refused bundles. */
  revokingCrls: z.array(fields.base64),
  steps: stepsSchema.optional(),
  enrolment: enrolmentSchema.optional(),
  operator: operatorSchema.optional(),
  service: serviceSchema.optional(),
});

/** What a reference eNB remembers. */
export type EnbState = z.infer<typeof stateSchema>;

const emptyState: EnbState = {
  format: stateFormat,
  receiptNumber: 0,
  signerTimes: {},
  crls: [],
  revokingCrls: [],
};

/** The state of a reference eNB, in one file that is always replaced as a whole. */
export class EnbStateFile {
  readonly #file: string;
  #state: EnbState;

  private constructor(file: string, state: EnbState) {
    this.#file = file;
    this.#state = state;
  }

  /** Refuses an existing file that is not a valid state: an eNB without its memory must not guess. */
  static open(folder: string): Result<EnbStateFile, 'store-unusable'> {
    const file = join(folder, 'state.json');
    try {
      makeFolder(folder, 0o700);
    } catch (error) {
      return refuse('store-unusable', { where: { file: folder }, found: errorCode(error) });
    }
    try {
      const state = readDocument(readFileSync(file), stateFormat, stateSchema);
      return state.ok
        ? ok(new EnbStateFile(file, state.value))
        : refuse('store-unusable', { where: { file }, because: state.fault });
    } catch (error) {
      const found = errorCode(error);
      if (found !== 'ENOENT') return refuse('store-unusable', { where: { file }, found });
      return ok(new EnbStateFile(file, emptyState));
    }
  }

  /** The state on disk. */
  get(): EnbState {
    return this.#state;
  }

  /** Replaces the state on disk and then in memory, completely or not at all. */
  set(state: EnbState): void {
    writeFileAtomically(this.#file, Buffer.from(JSON.stringify(state)), 0o600);
    this.#state = state;
  }
}

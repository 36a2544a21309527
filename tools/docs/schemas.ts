import { z } from 'zod';
import {
  configurationSchema,
  receiptSchema,
  registrationSchema,
  sealedSchema,
} from '../../main/bundle/index.ts';
import {
  identitySchema,
  pathAnswerSchema,
  problemSchema,
  receiptRequestSchema,
  stepsSchema,
  verdictAnswerSchema,
} from '../../main/device/index.ts';
import { introductionSchema, jobPackSchema } from '../../main/pack/index.ts';
import { policySchema } from '../../main/core/policy.ts';
import { fields } from '../../main/json/index.ts';
import { profileSchema } from '../../main/office/profile.ts';
import { headFileSchema } from '../../main/audit/index.ts';
import { logEntrySchema, logProofSchema } from './log-schemas.ts';

interface PublishedSchema {
  readonly schema: z.ZodType;
  readonly title: string;
  /** What the schema cannot express. */
  readonly description: string;
}

const strictReading =
  'A reader is strict (see "JSON" in the README of the formats): no duplicate names, "format" as the first member, nothing after the value.';

/** The published schemas, by file name. */
const published: Readonly<Record<string, PublishedSchema>> = {
  configuration: {
    schema: configurationSchema,
    title: 'siteseal-configuration/1: the content of a bundle',
    description: `${strictReading} This schema covers the form of the members, which is part of bundle-malformed. The check configuration-invalid covers their values.`,
  },
  sealed: {
    schema: sealedSchema,
    title: 'siteseal-sealed/1: the plaintext of the sealed part',
    description: strictReading,
  },
  receipt: {
    schema: receiptSchema,
    title: 'siteseal-receipt/1: the content of a receipt',
    description: strictReading,
  },
  registration: {
    schema: registrationSchema,
    title: 'siteseal-registration/1: the plaintext of a registration',
    description: `${strictReading} At most 64 MiB.`,
  },
  introduction: {
    schema: introductionSchema,
    title: 'siteseal-introduction/1: the content of an introduction',
    description: `${strictReading} At most 4 MiB.`,
  },
  'job-pack': {
    schema: jobPackSchema,
    title: 'siteseal-job-pack/1: the content of the manifest of a job pack',
    description: `${strictReading} At most 128 MiB.`,
  },
  verdict: {
    schema: verdictAnswerSchema,
    title: 'The verdict of the eNB on a bundle',
    description:
      'The answer to PUT /v1/bundle, and a member of the receipt. Every code is present, in order. "why" is present exactly where "ok" is null.',
  },
  identity: {
    schema: identitySchema,
    title: 'The identity that the eNB reports',
    description:
      'The answer to GET /v1/identity. It counts only if it equals the identity in the certificate that the eNB proved.',
  },
  'receipt-request': {
    schema: receiptRequestSchema,
    title: 'The request for a receipt',
    description: 'The body of POST /v1/receipt.',
  },
  steps: {
    schema: stepsSchema,
    title: 'The steps after the bundle was accepted',
    description: 'The answer to GET /v1/steps.',
  },
  path: {
    schema: pathAnswerSchema,
    title: 'The checks of the path to the security gateways',
    description:
      'The answer to POST /v1/checks/path. Every check is present at least once, in order; one that is about a gateway names it as the bundle does. "fault" is present if "outcome" is failed.',
  },
  problem: {
    schema: problemSchema,
    title: 'A problem (RFC 9457)',
    description: 'Members beyond these are allowed and ignored.',
  },
  'operator-profile': {
    schema: profileSchema,
    title: 'operator.json: the operator profile',
    description: 'Paths are relative to the profile. If a member is absent, its "default" applies.',
  },
  policy: {
    schema: policySchema,
    title: 'siteseal-policy/1: what the administrator of a computer allows',
    description: `${strictReading} At most 64 KiB. A member that is absent restricts nothing.`,
  },
  'log-entry': {
    schema: logEntrySchema,
    title: 'siteseal-log-entry/1: an entry of the audit log',
    description:
      'The text is canonical JSON (RFC 8785) of at most 65535 bytes. Its hash counts, so never write it again.',
  },
  'log-proof': {
    schema: logProofSchema,
    title: 'siteseal-log-proof/1: a line of the proof of an export',
    description:
      'The first line is the one with "format", its first member. The others follow in the order of the tree.',
  },
  'log-head': {
    schema: headFileSchema,
    title: 'siteseal-log-head/1: the head of an audit log, for a witness',
    description: `${strictReading} At most 16 MiB.`,
  },
};

/** The JSON Schemas (draft 2020-12), by file name without extension. */
export const schemas: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(published).map(([name, { schema, title, description }]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', override });
    return [name, { $schema, title, description, ...rest }];
  }),
);

/** Adds what zod checks in code and therefore cannot express in a schema. */
function override({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (zodSchema !== (fields.base64 as unknown)) return;
  jsonSchema.contentEncoding = 'base64';
  jsonSchema.pattern =
    '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$';
}

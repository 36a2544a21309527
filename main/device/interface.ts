import { hash } from 'node:crypto';
import { z } from 'zod';
import { pathChecks } from '../../preload/contract/steps.ts';
import {
  acceptanceCodes,
  auditHeadSchema,
  challengeSchema,
  clockSchema,
  enbIdentitySchema,
  epochSchema,
  maximumSequence,
  stepNames,
  stepSchema,
  verdictSchema,
  type StepName,
} from '../bundle/index.ts';
import { fields } from '../json/index.ts';

/**
 * The eNB commissioning interface: HTTP/1.1 in TLS 1.3, over TCP or any other stream. Both sides share this
 * definition. `docs/` publishes it as OpenAPI.
 */
export const routes = {
  identity: { method: 'GET', path: '/v1/identity' },
  putBundle: { method: 'PUT', path: '/v1/bundle' },
  getBundle: { method: 'GET', path: '/v1/bundle' },
  receipt: { method: 'POST', path: '/v1/receipt' },
  steps: { method: 'GET', path: '/v1/steps' },
  startStep: { method: 'POST', path: '/v1/steps/{step}' },
  checkPath: { method: 'POST', path: '/v1/checks/path' },
} as const;
export type RouteName = keyof typeof routes;

/** Where a request goes. */
export interface Target {
  readonly method: string;
  readonly path: string;
}

/** The target that starts a step. */
export function startOf(step: StepName): Target {
  return { ...routes.startStep, path: routes.startStep.path.replace('{step}', step) };
}

/** Why an eNB does not start a step: the `code` of its problem. */
export const startRefusals = [
  'step-running',
  'not-provisioned',
  'not-enrolled',
  'renewal-by-enb',
  'in-service',
  'ra-outside-tunnel',
] as const;
export type StartRefusal = (typeof startRefusals)[number];

/** The default TCP port of the interface. */
export const defaultPort = 8443;

/** The largest body of a request or an answer, in bytes. */
export const maximumBodySize = 1024 * 1024;

/** The media types of bodies. */
export const mediaTypes = {
  json: 'application/json',
  /** RFC 9457 */
  problem: 'application/problem+json',
  /** A bundle or a receipt (RFC 8551). */
  pkcs7: 'application/pkcs7-mime',
  /** Server-sent events. */
  events: 'text/event-stream',
} as const;

/** The media type of a Content-Type, in lower case without parameters (RFC 9110 section 8.3.1). */
export function mediaTypeOf(contentType = ''): string {
  return contentType.replace(/;.*/s, '').trim().toLowerCase();
}

// Answers are not signed. Unknown members are ignored, so that a newer eNB can report more.
const [setClock, clockNotSet] = clockSchema.options;
const [check, stepFault] = [verdictSchema.shape.checks.element, stepSchema.shape.fault.unwrap()];

/** Answer to `GET /v1/identity`. Its identity only counts if it matches the TLS certificate. */
export const identitySchema = enbIdentitySchema.strip().extend({
  vendor: z.string().min(1).max(256),
  firmware: z.string().min(1).max(256),
  /** The highest epoch of an accepted bundle; 0 if there is no such bundle. */
  lastEpoch: epochSchema,
  /** The sequence number of the accepted bundle; 0 if there is no such bundle. */
  lastSequence: z.int().min(0).max(maximumSequence),
  clock: z.discriminatedUnion('state', [setClock.strip(), clockNotSet.strip()]),
  training: z.boolean(),
});
/** What an eNB reports about itself, as `identitySchema` reads it. */
export type IdentityDocument = z.infer<typeof identitySchema>;

/** Answer to `PUT /v1/bundle`: 200 if the eNB accepted and stored the bundle, 422 if it refused it. */
export const verdictAnswerSchema = verdictSchema
  .strip()
  .safeExtend({ checks: z.array(check.strip()).max(acceptanceCodes.length) });

/** Body of `POST /v1/receipt`. */
export const receiptRequestSchema = z.strictObject({
  challenge: challengeSchema,
  auditHead: auditHeadSchema.optional(),
});
/** A request for a receipt, over a stream or in a file on a drive. */
export type ReceiptRequest = z.infer<typeof receiptRequestSchema>;

/** Answer to `GET /v1/steps` and to the start of a step. Each event of `text/event-stream` has one as its data. */
export const stepsSchema = z.object({
  steps: z.array(stepSchema.strip().extend({ fault: stepFault.strip().optional() })).max(stepNames.length),
});
/** The states of an eNB's steps, as `stepsSchema` reads them. */
export type StepsDocument = z.infer<typeof stepsSchema>;

/** The most checks of a path that an eNB reports: of 32 gateways, and of all of them together. */
const mostChecks = 256;

/**
 * Answer to `POST /v1/checks/path`: the checks of the path to the security gateways, from the eNB's own position, in the
 * order of `pathChecks`.
 */
export const pathAnswerSchema = z.object({
  checks: z
    .array(
      z.object({
        check: z.enum(pathChecks.names),
        gateway: fields.text.optional(),
        outcome: z.enum(pathChecks.outcomes),
        figure: fields.text.optional(),
        fault: stepFault.strip().optional(),
      }),
    )
    .max(mostChecks),
});
/** The checks of the path, as `pathAnswerSchema` reads them. */
export type PathAnswer = z.infer<typeof pathAnswerSchema>;

/**
 * A problem (RFC 9457). `code` says why a step was not started, or the path not checked: one of `startRefusals`. Other members are allowed and
 * ignored, as section 3.2 requires.
 */
export const problemSchema = z.looseObject({
  type: z.string().max(1024).optional(),
  title: z.string().max(1024).optional(),
  status: z.int().optional(),
  detail: z.string().max(4096).optional(),
  code: z.string().max(64).optional(),
});

/** The value of Content-Digest (RFC 9530) for a body. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${hash('sha256', body, 'base64')}:`;
}

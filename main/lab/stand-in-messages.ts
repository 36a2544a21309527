import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { values } from '../bundle/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result, type Rule } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { readDocument } from '../json/index.ts';

/**
 * The messages of the stand-in for IPsec, which is TLS 1.3 and no IPsec. One connection for the tunnel, which is up as long
 * as that connection, and one for each stream and each question to a name server inside. Every message is a JSON document
 * after its length in two bytes. After `connected` the bytes of the stream follow.
 */
const format = 'siteseal-stand-in/1';

const text = z.string().min(1).max(1024);
const proposals = z.array(z.string().refine(values.isProposal).max(256)).min(1).max(32);
const address = z.string().refine(values.isAddress);
const addresses = z.array(address);
const subnets = z.array(z.string().refine(values.isAddressWithPrefix)).min(1).max(64);
const tunnel = z.string().regex(/^[0-9a-f]{32}$/);
/** A code of the operating system or of Node.js. */
const systemCode = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

/** How a gateway refuses a tunnel, as IKE's notifies do: without a reason for a refused certificate. */
export const refusals = [
  'ike-proposal-refused',
  'ike-peer-refused',
  'ike-address-refused',
  'ike-selectors-refused',
] as const;
export type Refusal = (typeof refusals)[number];

const message = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ format: z.literal(format), kind: z.literal(kind), ...shape });

/** What an eNB sends first on a connection. `tunnel`: IDi, IDr and the proposals for IKE. */
export const openingSchema = z.discriminatedUnion('kind', [
  message('tunnel', { identity: text, gateway: text, proposals }),
  message('connect', { tunnel, address, port: z.int().min(1).max(65_535) }),
  message('resolve', {
    tunnel,
    name: z.string().refine(values.isHostName),
    servers: addresses.min(1).max(16),
  }),
]);
export type Opening = z.infer<typeof openingSchema>;

/** What an eNB asks for once both sides have authenticated. Without inner addresses the gateway assigns one. */
export const childSchema = message('child', {
  espProposals: proposals,
  innerAddresses: addresses.min(1).max(2).optional(),
  remoteSubnets: subnets,
});

export type Child = z.infer<typeof childSchema>;

const refusedSchema = message('refused', { code: z.enum(refusals) });
const failedSchema = message('failed', { found: systemCode });

/** What a gateway answers to each of them. */
export const answerSchemas = {
  tunnel: z.discriminatedUnion('kind', [message('authenticated', { proposal: text }), refusedSchema]),
  child: z.discriminatedUnion('kind', [
    message('up', {
      tunnel,
      espProposal: text,
      innerAddresses: addresses.min(1).max(2),
      remoteSubnets: subnets,
    }),
    refusedSchema,
  ]),
  connect: z.discriminatedUnion('kind', [message('connected', {}), failedSchema]),
  resolve: z.discriminatedUnion('kind', [
    message('addresses', { addresses: addresses.max(64) }),
    failedSchema,
  ]),
};

/** Any message, without its format. */
export type StandInMessage = Distribute<
  Opening | z.infer<typeof childSchema> | z.infer<(typeof answerSchemas)[keyof typeof answerSchemas]>
>;
type Distribute<Message> = Message extends unknown ? Omit<Message, 'format'> : never;

/** Why no message arrived. */
export type StandInFaultCode = 'ike-no-answer' | 'ike-unreachable' | 'ike-malformed';

const longestMessage = 16 * 1024;

/** Sends a message. */
export function send(stream: Duplex, { kind, ...rest }: StandInMessage): void {
  const document = Buffer.from(JSON.stringify({ format, kind, ...rest }));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(document.length);
  stream.write(Buffer.concat([length, document]));
}

/**
 * Receives one message, and leaves what follows it in the stream. Once it refuses, the stream must not be used any more.
 *
 * @param deadline in milliseconds
 */
export async function receive<Schema extends z.ZodType>(
  stream: Duplex,
  schema: Schema,
  deadline: number,
): Promise<Result<z.infer<Schema>, StandInFaultCode>> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadline);
  try {
    const length = await readBytes(stream, 2, late.signal);
    if (!length.ok) return length;
    const size = Buffer.from(length.value).readUInt16BE();
    if (size === 0 || size > longestMessage) return malformed('json-long');
    const document = await readBytes(stream, size, late.signal);
    if (!document.ok) return document;
    const read = readDocument(document.value, format, schema);
    return read.ok ? read : refuse('ike-malformed', { because: read.fault });
  } finally {
    clearTimeout(timer);
  }
}

function malformed(rule: Rule) {
  return refuse('ike-malformed', { rule });
}

/** Exactly so many bytes. */
function readBytes(
  stream: Duplex,
  size: number,
  signal: AbortSignal,
): Promise<Result<Uint8Array, StandInFaultCode>> {
  return new Promise((resolve) => {
    const settle = (result: Result<Uint8Array, StandInFaultCode>) => {
      stream.off('readable', look).off('end', ended).off('close', ended).off('error', failed);
      signal.removeEventListener('abort', silent);
      resolve(result);
    };
    const look = () => {
      const bytes = stream.read(size) as Buffer | null;
      if (bytes?.length === size) settle(ok(bytes));
      else if (bytes || stream.readableEnded || stream.destroyed) ended();
    };
    const ended = () => settle(refused(streamFault(stream.errored ?? undefined)));
    const failed = (error: Error) => settle(refused(streamFault(error)));
    const silent = () => settle(refuse('ike-no-answer'));
    stream.on('readable', look).once('end', ended).once('close', ended).once('error', failed);
    signal.addEventListener('abort', silent);
    if (signal.aborted) silent();
    else look();
  });
}

const unreachable =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|E(HOST|NET)UNREACH|EHOSTDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/;

/** The fault for the end of a connection. */
export function streamFault(error: Error | undefined): Fault<StandInFaultCode> {
  if (!error) return fault('ike-unreachable', { found: 'ECONNRESET' });
  const found = errorCode(error);
  if (found === 'ETIMEDOUT') return fault('ike-no-answer', { found });
  return fault(unreachable.test(found) ? 'ike-unreachable' : 'ike-malformed', { found });
}

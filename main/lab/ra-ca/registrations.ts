import { z } from 'zod';
import {
  credentialMembers,
  enbIdentitySchema,
  values,
  type RegistrationContent,
} from '../../bundle/index.ts';
import type { Registration, Registry } from '../../cmp/index.ts';
import { ok, type Result, type Rule } from '../../faults/index.ts';
import { fields, readDocument, readValue } from '../../json/index.ts';
import { enbKey, nameFromText, type EnbIdentity } from '../../pki/index.ts';

/** The `format` of registrations of version 1. */
export const registrationsFormat = 'siteseal-lab-registrations/1';

const rule = (code: Rule) => code;

const registrationSchema = enbIdentitySchema
  .extend({
    protection: z.enum(['mac', 'vendor-certificate']),
    subject: fields.text.refine((text) => nameFromText(text).ok, rule('distinguished-name')).optional(),
    subjectAltNames: z
      .array(z.string().refine(values.isSubjectAltName, rule('subject-alt-name')))
      .max(16)
      .optional(),
    /** The UTF-8 bytes of both count, exactly. */
    credential: z.strictObject({ reference: fields.text, secret: fields.text }).optional(),
    /** False only to test with: one credential then serves many keys. */
    bound: z.boolean().optional(),
  })
  .refine(({ protection, credential }) => (protection === 'mac') === (credential !== undefined), {
    message: rule('registration-credential'),
    path: ['credential'],
  })
  .refine(({ subject, bound = true }) => subject !== undefined || !bound, {
    message: rule('registration-subject'),
    path: ['subject'],
  });

type RegistrationEntry = z.infer<typeof registrationSchema>;

/** Who may enrol at the lab's RA/CA. */
const registrationsSchema = z.strictObject({
  format: z.literal(registrationsFormat),
  registrations: z.array(registrationSchema).superRefine((entries, context) => {
    const repeated = (
      key: (entry: RegistrationEntry) => string | undefined,
      code: Rule,
      ...path: string[]
    ) => {
      const seen = new Set<string>();
      for (const [index, entry] of entries.entries()) {
        const own = key(entry);
        if (own === undefined) continue;
        if (seen.has(own)) context.addIssue({ code: 'custom', message: code, path: [index, ...path] });
        seen.add(own);
      }
    };
    repeated(({ credential }) => credential?.reference, 'registration-reference', 'credential', 'reference');
    const certified = (entry: RegistrationEntry) =>
      entry.protection === 'vendor-certificate' ? enbKey(entry) : undefined;
    repeated(certified, 'registration-enb', 'serialNumber');
  }),
});

/** Registrations as a document. Its secrets are strings, which cannot be wiped. */
export type RegistrationsDocument = z.infer<typeof registrationsSchema>;

/**
 * Reads a document. Refuses with `json-malformed`, the member and the rule, never a value: it may be a secret. The
 * secrets pass through strings, which nobody can wipe; the caller wipes the bytes of the document.
 */
export function readRegistrations(bytes: Uint8Array): Result<RegistrationsDocument, 'json-malformed'> {
  // The size of the file bounds the number of values.
  return readDocument(bytes, registrationsFormat, registrationsSchema, Infinity);
}

/** The document of the credentials that the operator's office has made. */
export function registrationsOf({ credentials }: RegistrationContent): RegistrationsDocument {
  return {
    format: registrationsFormat,
    registrations: credentials.map(({ reference, secret, ...registration }) => ({
      ...registration,
      protection: 'mac',
      credential: { reference, secret },
    })),
  };
}

/** Registrations, in memory. */
export class Registrations implements Registry {
  readonly #byReference = new Map<
    string,
    { readonly registration: Registration; readonly secret: Uint8Array }
  >();
  readonly #byEnb = new Map<string, Registration>();
  /** How many registrations let one credential serve many keys. */
  readonly unbound: number;

  private constructor({ registrations }: RegistrationsDocument) {
    for (const entry of registrations) {
      const registration = toRegistration(entry);
      const key = enbKey(entry);
      const { credential } = entry;
      if (credential) {
        const secret = Buffer.from(credential.secret);
        this.#byReference.set(toKey(Buffer.from(credential.reference)), { registration, secret });
      }
      // An eNB can have credentials as well. What its certificate allows is in the registration without one.
      if (!credential || !this.#byEnb.has(key)) this.#byEnb.set(key, registration);
    }
    this.unbound = registrations.filter(({ bound = true }) => !bound).length;
  }

  /** All of these documents together. Refuses a reference that two of them have, like one document that repeats it. */
  static of(documents: readonly RegistrationsDocument[]): Result<Registrations, 'json-malformed'> {
    const registrations = documents.flatMap((document) => document.registrations);
    const all = readValue({ format: registrationsFormat, registrations }, registrationsSchema);
    return all.ok ? ok(new Registrations(all.value)) : all;
  }

  byReference(reference: Uint8Array) {
    return this.#byReference.get(toKey(reference));
  }

  byEnb(enb: Registration['enb']): Registration | undefined {
    return this.#byEnb.get(enbKey(enb));
  }
}

/** One eNB's registration, with its secret as bytes. */
export interface NewRegistration {
  readonly enb: EnbIdentity;
  readonly protection: Registration['protection'];
  readonly subject: string;
  readonly subjectAltNames: readonly string[];
  readonly credential?: { readonly reference: Uint8Array; readonly secret: Uint8Array };
}

/**
 * Encodes a document. Secrets are copied byte by byte and never become strings. The caller wipes the returned buffer.
 */
export function encodeRegistrations(registrations: readonly NewRegistration[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`{"format":"${registrationsFormat}","registrations":[`)];
  for (const [index, { enb, protection, subject, subjectAltNames, credential }] of registrations.entries()) {
    const names = subjectAltNames.length > 0 ? { subjectAltNames } : {};
    const head = JSON.stringify({ ...enb, protection, subject, ...names });
    parts.push(Buffer.from(`${index === 0 ? '' : ','}\n${head.slice(0, -1)}`));
    if (credential) {
      parts.push(Buffer.from(',"credential":{'), credentialMembers(credential), Buffer.from('}'));
    }
    parts.push(Buffer.from('}'));
  }
  const document = Buffer.concat([...parts, Buffer.from('\n]}\n')]);
  for (const part of parts) part.fill(0);
  return document;
}

/** Bytes as a key for a map: one text for each value. */
function toKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function toRegistration({
  hwType,
  serialNumber,
  protection,
  subject: text,
  subjectAltNames = [],
  bound = true,
}: RegistrationEntry): Registration {
  const subject = text === undefined ? undefined : nameFromText(text);
  if (subject && !subject.ok) throw new Error('The schema lets only names pass');
  return {
    enb: { hwType, serialNumber },
    protection,
    subject: subject?.value,
    subjectAltNames,
    isBound: bound,
  };
}

import type { Result } from '../../main/faults/index.ts';
import { readRegistrations, Registrations } from '../../main/lab/index.ts';

/** The registrations of one document. */
export function registrationsIn(bytes: Uint8Array): Result<Registrations, 'json-malformed'> {
  const document = readRegistrations(bytes);
  return document.ok ? Registrations.of([document.value]) : document;
}

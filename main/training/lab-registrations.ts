import { existsSync } from 'node:fs';
import { registrationsFrom, type Core, type PrepareControls, type PrepareReport } from '../core/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, writeFileAtomically } from '../files/index.ts';
import { encodeRegistrations, type NewRegistration } from '../lab/index.ts';

/** What to register, and where to write it. Paths are absolute. */
export interface RegistrationsRequest {
  readonly inventory: string;
  readonly profile: string;
  /** Register the good rows even if others are bad. */
  readonly skipBad: boolean;
  /** The new file. Never overwrites one, which may hold credentials that are nowhere else. */
  readonly file: string;
}

/** Writes the registrations of an inventory's eNBs for the lab's RA/CA, readable by this user only. */
export function writeRegistrations(
  core: Core,
  { file, ...request }: RegistrationsRequest,
  controls: PrepareControls,
): Promise<Result<PrepareReport>> {
  if (existsSync(file))
    return Promise.resolve(refuse('output-unwritable', { where: { file }, found: 'EEXIST' }));
  return registrationsFrom(core, request, controls, (registrations) => write(file, registrations));
}

function write(file: string, registrations: readonly NewRegistration[]): Result<void> {
  const document = encodeRegistrations(registrations);
  try {
    writeFileAtomically(file, document, 0o600);
    return ok(undefined);
  } catch (error) {
    return refuse('output-unwritable', { where: { file }, found: errorCode(error) });
  } finally {
    document.fill(0);
  }
}

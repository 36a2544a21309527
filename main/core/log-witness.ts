import { mostHeadFileBytes, readHead, Witness, type CosignedHead } from '../audit/index.ts';
import { ok, prependWhere, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';
import { storeFault } from '../store/index.ts';
import type { Core } from './core.ts';

/** A head for the witness. */
export interface WitnessRequest {
  /** A head file, or a note alone. */
  readonly file: string;
  /** Where the cosigned note is written. */
  readonly out: string;
  /** Which store is the witness. */
  readonly training: boolean;
  /** The log's verifier key that the user has compared. */
  readonly trustedKey?: string;
}

/** The end of a witness's work. */
export interface WitnessReport {
  readonly result: Result<Omit<CosignedHead, 'note'>>;
  /** The verifier key of the witness that was retired. */
  readonly retired?: string;
}

/** Has the witness of this computer judge and cosign a head of another computer's log. See `Witness`. */
export function witnessHead({ stores, surroundings }: Core, request: WitnessRequest): WitnessReport {
  const { file, out, training, trustedKey } = request;
  const bytes = readFile(file, mostHeadFileBytes);
  if (!bytes.ok) return { result: bytes };
  const read = readHead(bytes.value);
  if (!read.ok) return { result: refused(prependWhere(read.fault, { file })) };
  const opened = stores.open(training);
  if (!opened.ok) return { result: opened };
  const folder = stores.folder(training);
  const witness = new Witness(opened.value, { folder, training, now: surroundings.now });
  try {
    const { result, ...retired } = witness.take(read.value, trustedKey);
    if (!result.ok) return { result: refused(prependWhere(result.fault, { file })), ...retired };
    const { note, ...cosigned } = result.value;
    const written = writeOutput(out, Buffer.from(note));
    return { result: written.ok ? ok(cosigned) : written, ...retired };
  } catch (error) {
    return { result: storeFault(error) };
  }
}

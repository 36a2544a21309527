import type { Result } from '../faults/index.ts';
import {
  importCertificates,
  type ImportReport,
  type ImportRequest,
  type ImportSurroundings,
} from '../office/index.ts';
import type { Core } from './core.ts';

/** Keeps vendors' certificates of eNBs in the store, so that inventories need only serial numbers. */
export function importEnbCertificates(
  { stores }: Core,
  request: ImportRequest,
  controls: Pick<ImportSurroundings, 'onProgress' | 'signal'>,
): Promise<Result<ImportReport>> {
  return importCertificates(request, { ...stores.surroundings(), ...controls });
}

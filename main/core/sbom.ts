import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';

/** The name of the list of everything inside Siteseal, as a CycloneDX document. */
export const sbomName = 'siteseal.cdx.json';

/** Where the build puts it. */
const builtFile = join(import.meta.dirname, '..', '..', 'build', 'parts', 'siteseal.cdx.json');

/** The most bytes of it. */
const mostBytes = 16 * 1_048_576;

/** What the list has of each part. The build wrote it, so that this names only what is used. */
const document = z.object({
  components: z.array(
    z.object({
      group: z.string().optional(),
      name: z.string(),
      version: z.string().optional(),
      licenses: z.tuple([
        z.union([
          z.object({ license: z.object({ id: z.string() }) }).transform(({ license }) => license.id),
          z.object({ expression: z.string() }).transform(({ expression }) => expression),
        ]),
      ]),
      evidence: z
        .object({
          licenses: z.array(z.object({ license: z.object({ text: z.object({ content: z.string() }) }) })),
        })
        .default({ licenses: [] }),
    }),
  ),
});

/** Work by others inside Siteseal. */
export interface SoftwarePart {
  readonly name: string;
  readonly version: string | undefined;
  /** An SPDX expression. */
  readonly licence: string;
  /** The terms in full; empty if the part does not bring them. */
  readonly text: string;
}

/** The list as the build wrote it. */
export function readSbom(): Result<string, 'sbom-missing'> {
  const file = readFile(builtFile, mostBytes);
  if (file.ok) return ok(file.value.toString('utf8'));
  return refuse('sbom-missing', { where: { file: builtFile }, because: file.fault });
}

/** The parts in the list, by name. */
export function readParts(): Result<readonly SoftwarePart[], 'sbom-missing'> {
  const sbom = readSbom();
  if (!sbom.ok) return sbom;
  const { components } = document.parse(JSON.parse(sbom.value));
  const parts = components.map(({ group, name, version, licenses: [licence], evidence }) => ({
    name: group === undefined ? name : `${group}/${name}`,
    version,
    licence,
    text: evidence.licenses.map(({ license }) => license.text.content).join('\n\n'),
  }));
  return ok(parts.sort((one, other) => one.name.localeCompare(other.name, 'en')));
}

/** A copy of the list. */
export interface SavedSbom {
  readonly file: string;
  /** SHA-256 of the file, in hex, to compare copies. */
  readonly sha256: string;
}

/** Copies the list to a file, which is replaced. */
export function saveSbom(file: string): Result<SavedSbom> {
  const sbom = readSbom();
  if (!sbom.ok) return sbom;
  const bytes = Buffer.from(sbom.value);
  const written = writeOutput(file, bytes);
  if (!written.ok) return written;
  return ok({ file, sha256: createHash('sha256').update(bytes).digest('hex') });
}

import { z } from 'zod';
import { ok, refuse, type Result } from '../faults/index.ts';
import { builtFile, readBuilt, saveCopy, type SavedCopy } from './built-file.ts';

/** The name of the list of everything inside Siteseal, as a CycloneDX document. */
export const sbomName = 'siteseal.cdx.json';

/** Where the build puts it. */
const list = builtFile('parts', sbomName);

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
  const file = readBuilt(list);
  if (file.ok) return ok(file.value.toString('utf8'));
  return refuse('sbom-missing', { where: { file: list }, because: file.fault });
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

/** Copies the list to a file, which is replaced. */
export function saveSbom(file: string): Result<SavedCopy> {
  const sbom = readSbom();
  return sbom.ok ? saveCopy(file, Buffer.from(sbom.value)) : sbom;
}

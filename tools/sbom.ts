// The list of everything inside Siteseal, as a CycloneDX 1.6 document (SBOM). It has no time and no random number, so
// that the same sources give the same document.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec, SPDX } from '@cyclonedx/cyclonedx-library';
import type { RuntimeVersions } from './desktop.ts';
import { root } from './launch/root.js';
import { type Licence, licenceOf, lockPath, neededBy, optionalOf } from './licences.ts';

/** The name of the document. */
export const sbomName = 'siteseal.cdx.json';

/** The property that says where in Siteseal a package is: a folder of build/, or `node_modules` for one beside them. */
export const placeProperty = 'siteseal:place';

/** What is inside: the folders of the packages, by place. */
export type Inside = Readonly<Record<string, readonly string[]>>;

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** The systems that Siteseal is packed for, as Electron names them. */
const systems = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/**
 * Makes the document.
 * @param runtime the versions of the runtime that is packed, or would be
 */
export function sbom(inside: Inside, runtime: RuntimeVersions): string {
  const folders = [...new Set(Object.values(inside).flat())];
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const optional = new Set([root, ...folders].flatMap(optionalOf));
  const components = new Map(
    folders.map((folder) => {
      const places = Object.keys(inside).filter((place) => inside[place]?.includes(folder));
      const integrity = lock.packages[lockPath(folder)]?.integrity;
      const component = packageComponent(licenceOf(folder), sha512Of(integrity, folder));
      component.scope = optional.has(folder) ? Enums.ComponentScope.Optional : Enums.ComponentScope.Required;
      for (const place of places) component.properties.add(new Models.Property(placeProperty, place));
      return [folder, component] as const;
    }),
  );
  const link = (component: Models.Component, needs: readonly string[]) => {
    for (const need of needs) {
      const other = components.get(need);
      if (other) component.dependencies.add(other.bomRef);
    }
  };
  for (const [folder, component] of components) link(component, neededBy(folder));

  const { version, licence } = licenceOf(root);
  const siteseal = new Models.Component(Enums.ComponentType.Application, 'siteseal', {
    bomRef: 'siteseal',
    version,
    purl: `pkg:generic/siteseal@${version}`,
    licenses: licences(licence),
  });
  // What the page and the programs import is in devDependencies, because it is not packed beside them.
  const needed = new Set(folders.flatMap(neededBy));
  const direct = [...neededBy(root), ...folders.filter((folder) => !needed.has(folder))];
  link(siteseal, direct);
  const electron = electronComponents(runtime);
  const fonts = fontComponents();
  for (const { bomRef } of [electron[0], ...fonts]) siteseal.dependencies.add(bomRef);

  const bom = new Models.Bom({
    metadata: new Models.Metadata({
      component: siteseal,
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]),
    }),
    components: new Models.ComponentRepository([...components.values(), ...electron, ...fonts]),
  });
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 1 });
  return `${text}\n`;
}

function packageComponent({ name, version, licence, files }: Licence, sha512: string): Models.Component {
  const [, group, bare = name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name) ?? [];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const texts = files.map(
    (file) =>
      new Models.NamedLicense(`file: ${file.name}`, {
        text: new Models.Attachment(file.text, { contentType: 'text/plain' }),
      }),
  );
  return new Models.Component(Enums.ComponentType.Library, bare, {
    bomRef: purl,
    version,
    purl,
    ...(group !== undefined && { group }),
    licenses: licences(licence),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]]),
    // A package may bring no text of its licence. Evidence without any would be an object without members.
    ...(texts.length > 0 && {
      evidence: new Models.ComponentEvidence({ licenses: new Models.LicenseRepository(texts) }),
    }),
  });
}

/** The fonts of the PDF, which come from no package. */
function fontComponents(): readonly Models.Component[] {
  const folder = join(root, 'assets', 'fonts');
  const text = new Models.Attachment(readFileSync(join(folder, 'OFL.txt'), 'utf8').trim(), {
    contentType: 'text/plain',
  });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ttf'))
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      const sha512 = createHash('sha512').update(bytes).digest('hex');
      const version = fontRevision(bytes);
      return new Models.Component(Enums.ComponentType.File, name, {
        bomRef: name,
        version,
        purl: `pkg:generic/${name}@${version}`,
        scope: Enums.ComponentScope.Required,
        licenses: licences('OFL-1.1'),
        hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-512'], sha512]]),
        properties: new Models.PropertyRepository([new Models.Property(placeProperty, 'assets')]),
        evidence: new Models.ComponentEvidence({
          licenses: new Models.LicenseRepository([new Models.NamedLicense('file: OFL.txt', { text })]),
        }),
      });
    });
}

/** The version of a TrueType font: `fontRevision` of its table `head`. */
function fontRevision(bytes: Buffer): string {
  const count = bytes.readUInt16BE(4);
  const entries = Array.from({ length: count }, (_, place) => 12 + 16 * place);
  const entry = entries.find((at) => bytes.toString('latin1', at, at + 4) === 'head');
  if (entry === undefined) throw new Error('The font has no table head.');
  return (bytes.readInt32BE(bytes.readUInt32BE(entry + 8) + 4) / 65_536).toFixed(3);
}

/** Electron, and what it contains. Its archives have hashes, because not the package is packed but what it downloads. */
function electronComponents({
  electron,
  chromium,
  node,
}: RuntimeVersions): readonly [Models.Component, ...Models.Component[]] {
  const inElectron = (name: string, type: Enums.ComponentType, licence: string, version?: string) =>
    new Models.Component(type, name, {
      bomRef: name,
      licenses: licences(licence),
      scope: Enums.ComponentScope.Required,
      ...(version !== undefined && { version, purl: `pkg:generic/${name}@${version}` }),
      description:
        'Part of Electron, which contains more works: see LICENSES.chromium.html beside the program.',
    });
  const parts = [
    inElectron('chromium', Enums.ComponentType.Framework, 'BSD-3-Clause', chromium),
    inElectron('node', Enums.ComponentType.Platform, 'MIT', node),
  ];
  const main = new Models.Component(Enums.ComponentType.Framework, 'electron', {
    bomRef: `pkg:npm/electron@${electron}`,
    version: electron,
    purl: `pkg:npm/electron@${electron}`,
    licenses: licences('MIT'),
    scope: Enums.ComponentScope.Required,
    externalReferences: new Models.ExternalReferenceRepository(archives(electron)),
    dependencies: new Models.BomRefRepository(parts.map(({ bomRef }) => bomRef)),
  });
  return [main, ...parts];
}

/** The archives of Electron's runtime, with the hashes that its package has. */
function archives(version: string): readonly Models.ExternalReference[] {
  const file = join(root, 'node_modules', 'electron', 'checksums.json');
  const checksums = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, string>>;
  return systems.flatMap((system) => {
    const name = `electron-v${version}-${system}.zip`;
    const sha256 = checksums[name];
    // The runtime is of another version than the package.
    if (sha256 === undefined) return [];
    const url = `https://github.com/electron/electron/releases/download/v${version}/${name}`;
    const hashes = new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], sha256]]);
    return [new Models.ExternalReference(url, Enums.ExternalReferenceType.Distribution, { hashes })];
  });
}

function licences(expression: string): Models.LicenseRepository {
  const licence = SPDX.isSupportedSpdxId(expression)
    ? new Models.SpdxLicense(expression)
    : new Models.LicenseExpression(expression);
  return new Models.LicenseRepository([licence]);
}

/** The hash of a package, which npm checks at every installation, in hex. */
function sha512Of(integrity: string | undefined, folder: string): string {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  if (base64 === undefined) throw new Error(`package-lock.json has no SHA-512 of ${folder}.`);
  return Buffer.from(base64, 'base64').toString('hex');
}

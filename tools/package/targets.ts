// The packages that `npm run package` makes from the packed folder.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dist, type Packed, runBuilder, thisPlatform } from './pack.ts';

/** A kind of package. */
export interface Target {
  /** The option that asks for it alone. */
  readonly name: string;
  readonly platform: NodeJS.Platform;
  /**
   * Makes it in `dist/`.
   * @returns the files made
   * @throws {Refusal} if this machine lacks something
   */
  readonly make: (packed: Packed) => Promise<readonly string[]>;
}

export const targets: readonly Target[] = [
  byBuilder('AppImage', '.AppImage', 'linux'),
  byBuilder('nsis', '-user.exe', 'win32'),
  byBuilder('msi', '.msi', 'win32'),
  byBuilder('dmg', '.dmg', 'darwin'),
];

/** A package that electron-builder makes, with a tool that it downloads. */
function byBuilder(name: string, extension: string, platform: NodeJS.Platform): Target {
  const make = async ({ folder }: Packed): Promise<readonly string[]> => {
    await runBuilder([`--${thisPlatform().name}`, name, `--prepackaged=${folder}`]);
    return readdirSync(dist)
      .filter((file) => file.endsWith(extension))
      .map((file) => join(dist, file));
  };
  return { name: name.toLowerCase(), platform, make };
}

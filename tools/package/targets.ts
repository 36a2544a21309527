// The packages that `npm run package` makes from the packed folder.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../launch/root.js';
import { makeDeb } from './deb.ts';
import { type Packed, runBuilder } from './pack.ts';
import { dist, thisPlatform } from './platform.ts';
import { makeRpm } from './rpm.ts';

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
  { name: 'deb', platform: 'linux', make: async ({ folder }) => [await makeDeb(folder)] },
  { name: 'rpm', platform: 'linux', make: async ({ folder }) => [await makeRpm(folder)] },
  byBuilder('AppImage', '.AppImage', 'linux'),
  byBuilder('nsis', '-user.exe', 'win32'),
  byBuilder('msi', '.msi', 'win32'),
  byBuilder('dmg', '.dmg', 'darwin'),
];

/** Network errors of Node, with what cannot be reached. */
const unreachable = /\b(?:ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH|ENOTFOUND|ETIMEDOUT)\b.*/;

/** A package that electron-builder makes, with a tool that it downloads. */
function byBuilder(name: string, extension: string, platform: NodeJS.Platform): Target {
  const make = async ({ folder }: Packed): Promise<readonly string[]> => {
    try {
      await runBuilder([`--${thisPlatform().name}`, name, `--prepackaged=${folder}`]);
    } catch (error) {
      const [why] = unreachable.exec((error as Error).message) ?? [];
      if (why === undefined) throw error;
      throw new Refusal(
        `electron-builder cannot download its tool (${why}). Make the package on a computer that reaches github.com, or ` +
          'set ELECTRON_BUILDER_BINARIES_MIRROR.',
      );
    }
    return readdirSync(dist)
      .filter((file) => file.endsWith(extension))
      .map((file) => join(dist, file));
  };
  return { name: name.toLowerCase(), platform, make };
}

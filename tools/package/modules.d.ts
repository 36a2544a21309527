// What is used of the packages in tools/package/node_modules, so that types check before they are installed.

declare module '@electron/fuses' {
  export const FuseVersion: { readonly V1: '1' };
  export const FuseState: { readonly DISABLE: number; readonly ENABLE: number };
  export const FuseV1Options: Readonly<Record<import('./fuses.ts').FuseName, number>>;
  /** The states of the fuses by their number, of those that this Electron has. */
  export function getCurrentFuseWire(file: string): Promise<Readonly<Record<number, number | undefined>>>;
  export function flipFuses(
    file: string,
    config: {
      readonly version: '1';
      readonly strictlyRequireAllFuses?: boolean;
      readonly resetAdHocDarwinSignature?: boolean;
      readonly [fuse: number]: boolean;
    },
  ): Promise<number>;
}

declare module '@electron/asar' {
  interface Folder {
    readonly files: Readonly<Record<string, Entry>>;
  }
  interface File {
    readonly size: number;
    readonly unpacked?: boolean;
  }
  export type Entry = Folder | File;
  export function getRawHeader(archive: string): { readonly header: Folder };
}

declare module '@resvg/resvg-js' {
  export class Resvg {
    constructor(
      svg: string,
      options: {
        readonly fitTo: { readonly mode: 'width'; readonly value: number };
        readonly font: { readonly loadSystemFonts: boolean };
      },
    );
    render(): { asPng(): Uint8Array };
  }
}

// What is used of the packages that make deb and rpm, so that types check before they are installed.

declare module 'electron-installer-debian' {
  export class Installer {
    constructor(options: Readonly<Record<string, unknown>>);
    options: Record<string, unknown> & { readonly packagePaths?: readonly string[] };
    stagingDir: string;
    /** The methods that make what is in the package. They run in parallel. */
    get contentFunctions(): readonly string[];
    generateDefaults(): Promise<unknown>;
    generateOptions(): void;
    createStagingDir(): Promise<void>;
    createContents(): Promise<void>;
    createPackage(): Promise<void>;
    movePackage(): Promise<void>;
  }
}

declare module 'electron-installer-redhat' {
  export { Installer } from 'electron-installer-debian';
}

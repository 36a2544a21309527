// What is used of the packages that make deb and rpm, so that types check before they are installed.

declare module 'electron-installer-debian' {
  export class Installer extends import('./linux-installer.ts').Installer {}
}

declare module 'electron-installer-redhat' {
  export class Installer extends import('./linux-installer.ts').Installer {}
}

/// <reference types="vite/client" />

/** The packages inside Siteseal and their licences. The build fills it in (tools/licences.ts). */
declare module 'virtual:licences' {
  const licences: readonly {
    readonly name: string;
    readonly version: string;
    readonly licence: string;
    readonly text: string;
  }[];
  export default licences;
}

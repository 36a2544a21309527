/** Whether the command line runs from source. Otherwise it runs from a package, in Electron and never as root. */
export const isFromSource = import.meta.filename.endsWith('.ts');

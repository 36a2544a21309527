/** A program that shows the page, with its version. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
}

/** How programs name themselves in the user agent, and what people call them. */
const names: Readonly<Record<string, string>> = {
  Electron: 'Electron',
  Edg: 'Microsoft Edge',
  Firefox: 'Firefox',
  Chrome: 'Chromium',
  Version: 'Safari',
};

/** The programs that a user agent names, in the order of `names`. A browser may give only its major version. */
export function runtimesIn(userAgent: string): readonly Runtime[] {
  const found = new Map(
    [...userAgent.matchAll(/(?:Headless)?(\w+)\/(\d[\d.]*)/g)].map(([, token = '', version = '']) => [
      token,
      version,
    ]),
  );
  return Object.entries(names).flatMap(([token, name]) => {
    const version = found.get(token);
    return version === undefined ? [] : [{ name, version }];
  });
}

/** A section of strongswan.conf. */
export interface Settings {
  readonly [name: string]: string | number | boolean | Settings;
}

/**
 * The text of a strongswan.conf. Every value is quoted, so that none can end its line or its section. Throws at a name
 * or value that quotes cannot hold; values come from this program, never from a bundle.
 */
export function settingsText(settings: Settings, indent = ''): string {
  return Object.entries(settings)
    .map(([name, value]) => {
      if (!/^[A-Za-z0-9_-]+$/.test(name))
        throw new Error(`Not the name of a setting: ${JSON.stringify(name)}`);
      return typeof value === 'object'
        ? `${indent}${name} {\n${settingsText(value, `${indent}  `)}${indent}}\n`
        : `${indent}${name} = ${valueText(value)}\n`;
    })
    .join('');
}

function valueText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = String(value);
  if (/\p{Cc}/u.test(text)) throw new Error(`Not the value of a setting: ${JSON.stringify(text)}`);
  return `"${text.replace(/["\\]/g, (special) => `\\${special}`)}"`;
}

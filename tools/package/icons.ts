// The icons of the application, in build/icons/, drawn from the one mark.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { root } from '../launch/root.js';

/** The mark, as the page shows it too. */
const mark = join(root, 'renderer', 'public', 'mark.svg');

/** The widths in pixels, as desktops look for them. */
export const iconSizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;

/** Windows shows none larger. */
const largestOfIco = 256;

/** The types of images in an ICNS file, by width. */
const icnsTypes: Readonly<Partial<Record<number, readonly string[]>>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

interface Picture {
  readonly width: number;
  readonly png: Uint8Array;
}

/**
 * Writes all icons: `SIZExSIZE.png` for Linux, `icon.ico` for Windows, `icon.icns` for macOS.
 * @returns their folder
 */
export function makeIcons(): string {
  const folder = join(root, 'build', 'icons');
  mkdirSync(folder, { recursive: true });
  const svg = readFileSync(mark, 'utf8');
  const pictures = iconSizes.map((width) => ({ width, png: draw(svg, width) }));
  for (const { width, png } of pictures) writeFileSync(join(folder, `${width}x${width}.png`), png);
  writeFileSync(join(folder, 'icon.ico'), toIco(pictures.filter(({ width }) => width <= largestOfIco)));
  writeFileSync(join(folder, 'icon.icns'), toIcns(pictures));
  return folder;
}

function draw(svg: string, width: number): Uint8Array {
  return new Resvg(svg, { fitTo: { mode: 'width', value: width }, font: { loadSystemFonts: false } })
    .render()
    .asPng();
}

/** An ICO file: a header, an entry of 16 bytes for each picture, and the pictures. */
function toIco(pictures: readonly Picture[]): Uint8Array {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2); // icons, not cursors
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  for (const [index, { width, png }] of pictures.entries()) {
    const entry = 6 + 16 * index;
    header.writeUInt8(width % 256, entry); // 256 is written as 0
    header.writeUInt8(width % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4); // planes
    header.writeUInt16LE(32, entry + 6); // bits for each pixel
    header.writeUInt32LE(png.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  }
  return Buffer.concat([header, ...pictures.map(({ png }) => png)]);
}

/** An ICNS file: a header, then each picture after its type and its length. Both lengths include their own header. */
function toIcns(pictures: readonly Picture[]): Uint8Array {
  const parts = pictures.flatMap(({ width, png }) =>
    (icnsTypes[width] ?? []).map((type) => icnsPart(type, png)),
  );
  return icnsPart('icns', Buffer.concat(parts));
}

function icnsPart(type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([header, content]);
}

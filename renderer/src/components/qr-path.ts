import { encode } from 'uqr';

/** The light modules around a QR code (ISO/IEC 18004, 5.3.8). */
const quietZone = 4;

/** A QR code as an SVG path: a run of dark modules is one rectangle. `size` is its width and height in modules. */
export function qrPath(text: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: quietZone });
  const runs = data.flatMap((row, y) =>
    [
      ...row
        .map((isDark) => (isDark ? '1' : '0'))
        .join('')
        .matchAll(/1+/g),
    ].map(({ 0: { length }, index }) => `M${index} ${y}h${length}v1h-${length}z`),
  );
  return { path: runs.join(''), size };
}

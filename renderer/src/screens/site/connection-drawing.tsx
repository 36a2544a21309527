import styles from './connection-drawing.module.css';

/** What lies between the laptop and the base station, on a drawing of 160 by 64. */
const between = {
  ethernet: { line: 'M54 44h18M88 44h16', plug: 'M72 37h16v14H72zM76 51v3h8v-3M77 37v4M80 37v4M83 37v4' },
  usb: { line: 'M54 44h16M92 44h12', plug: 'M70 39h14v10H70zM84 41.5h8v5h-8z' },
  drives: { line: 'M54 44h10M96 44h8', plug: 'M70 38h14v12H70zM84 41h7v6h-7zM87 43v2' },
} as const;

const laptop = 'M14 20h36v26H14zM8 50h48';
const baseStation = 'M108 24h28v30h-28zM114 31h8M114 37h8M122 24V12M116 8a9 9 0 0 0 0 8M128 8a9 9 0 0 1 0 8';

export type Connection = keyof typeof between;

/** How laptop and base station are connected, as a drawing. It repeats the words beside it. */
export function ConnectionDrawing({ connection }: { readonly connection: Connection }) {
  const { line, plug } = between[connection];
  return (
    <svg
      className={styles['drawing']}
      width={160}
      height={64}
      viewBox="0 0 160 64"
      aria-hidden="true"
      focusable="false"
    >
      <path d={laptop} className={styles['thing']} />
      <path d={baseStation} className={styles['thing']} />
      <path d={line} className={styles[connection === 'drives' ? 'walk' : 'cable']} />
      <path d={plug} className={styles['plug']} />
    </svg>
  );
}

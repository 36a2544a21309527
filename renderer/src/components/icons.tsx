import type { Tone } from './tone.ts';

/** Our own few icons, drawn on 24 by 24 with one stroke. They always accompany a word, so screen readers skip them. */
const paths = {
  site: 'M12 10v11M8 21h8M8.5 3.5a6 6 0 0 0 0 8.5M15.5 3.5a6 6 0 0 1 0 8.5M12 8v.01',
  office: 'M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7',
  log: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  setup: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  good: 'M5 12.5l4.5 4.5L19 7.5',
  bad: 'M6 6l12 12M18 6L6 18',
  warn: 'M12 4l9 16H3zM12 10v4M12 17v.01',
  waiting: 'M7 12h.01M12 12h.01M17 12h.01',
  none: 'M6 12h12',
  skipped: 'M5 6l6 6-6 6M13 6l6 6-6 6',
  moving: 'M5 12h13M13 7l5 5-5 5',
  more: 'M6 9l6 6 6-6',
  locked: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
  unlocked: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 5.5-1.6',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  folder: 'M3 6h7l2 2h9v11H3z',
  ethernet: 'M4 5h16v14H4zM8 19v-4h8v4M8 5v4M12 5v4M16 5v4',
  usb: 'M12 3v15M12 3l-2.5 3.5h5zM12 14L7 11V8M12 16l5-3v-3M10.5 21a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0',
  drive: 'M8 8V3h8v5M6 8h12v10a3 3 0 0 1-3 3H9a3 3 0 0 1-3-3zM10 5.5v.01M14 5.5v.01',
  fold: 'M9 6l6 6-6 6',
  training: 'M3 9l9-4 9 4-9 4zM7 11v5c3 2 7 2 10 0v-5M21 9v6',
} as const;

export type IconName = keyof typeof paths;

/** The icon of each tone. */
export const toneIcons: Readonly<Record<Tone, IconName>> = {
  good: 'good',
  bad: 'bad',
  warn: 'warn',
  busy: 'moving',
  plain: 'waiting',
};

/** An icon in the colour of the text around it; `size` in CSS pixels. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** The product's mark: a mast within a seal. */
export function Mark({ size = 40 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="15" fill="var(--mantine-primary-color-filled)" />
      <path
        d="M16 12v14M11 26h10M10.6 6.6a7.6 7.6 0 0 0 0 10.8M21.4 6.6a7.6 7.6 0 0 1 0 10.8"
        fill="none"
        stroke="var(--mantine-primary-color-contrast)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
      <circle cx="16" cy="12" r="2.6" fill="var(--mantine-primary-color-contrast)" />
    </svg>
  );
}

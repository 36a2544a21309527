/** Where every screen is looked at, in CSS pixels: common screens, the least window, and both kinds at 200 % zoom. */
export const sizes = [
  { name: 'large', width: 1920, height: 1080 },
  { name: 'common', width: 1280, height: 800 },
  { name: 'least', width: 1024, height: 600 },
  { name: 'common-zoomed', width: 640, height: 400 },
  { name: 'least-zoomed', width: 512, height: 300 },
] as const;

/** What a gloved hand can hit, in CSS pixels. */
export const leastTarget = 44;

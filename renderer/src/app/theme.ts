import {
  DEFAULT_THEME,
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  defaultVariantColorsResolver,
  mergeMantineTheme,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from '@mantine/core';
import { buttonRoot } from './busy-button.tsx';

const sans = "'Atkinson Hyperlegible Next Variable', system-ui, sans-serif";
/** For serials, digests and codes: its 0 and O, and its 1, l and I, are easy to distinguish. */
const mono = "'Atkinson Hyperlegible Mono Variable', ui-monospace, monospace";

/** Large enough for a gloved hand, in CSS pixels. */
const target = { minHeight: '2.75rem' };

/** A button that grows with its text, because a site's name can be long. */
const button = { ...target, height: 'auto', maxWidth: '100%' };
const buttonLabel = {
  height: 'auto',
  whiteSpace: 'normal',
  lineHeight: 1.25,
  paddingBlock: '0.375rem',
} as const;

const field = { defaultProps: { size: 'md' }, styles: { input: target } };

/** An icon's button, as large as every other target. */
const iconButton = { width: '2.75rem', height: '2.75rem' };

const modalTitle = { fontSize: '1.125rem', fontWeight: 650 };

/**
 * Mantine takes the ink of a filled button from one scheme only; ours follows the scheme. `stop` is our own variant.
 */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  switch (input.variant) {
    case 'filled':
      return { ...colors, color: 'var(--mantine-primary-color-contrast)' };
    case 'stop':
      return {
        background: 'var(--seal-bad)',
        hover: 'var(--seal-bad)',
        color: 'var(--seal-surface)',
        border: '1px solid transparent',
      };
    default:
      return colors;
  }
};

/** The accent colour, petrol. Light screens use shade 8, dark ones shade 3; both have contrast of AA and better. */
const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 3 },
  autoContrast: true,
  variantColorResolver,
  respectReducedMotion: true,
  cursorType: 'pointer',
  colors: {
    petrol: [
      '#e6f4f8',
      '#cfe6ee',
      '#a5d1de',
      '#7cc0d2',
      '#4ca6bd',
      '#2c8ea7',
      '#1a7890',
      '#10657b',
      '#0a5166',
      '#063c4d',
    ],
    // The greys of the dark scheme, tinted like the rest: text, ..., ground of a field, ground of the page.
    dark: [
      '#e7edee',
      '#a9b6bb',
      '#8797a0',
      '#5d6c74',
      '#45535a',
      '#2a363c',
      '#1f292e',
      '#11171a',
      '#0c1113',
      '#070a0b',
    ],
  },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '1rem', lg: '1.125rem', xl: '1.375rem' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  headings: {
    fontFamily: sans,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.2' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  // By name: the components themselves load with the screens that show them.
  components: {
    Button: {
      defaultProps: { size: 'md', renderRoot: buttonRoot },
      styles: { root: button, label: buttonLabel },
    },
    TextInput: field,
    PasswordInput: {
      ...field,
      styles: { input: { minHeight: '3rem' }, visibilityToggle: iconButton },
    },
    NativeSelect: field,
    // Locking the scroll would add a <style> to the page, which the content security policy forbids.
    Modal: {
      defaultProps: { lockScroll: false, centered: true },
      styles: { title: modalTitle, close: iconButton },
    },
  },
});

/** For direct sunlight: black on white, and no grey that the sun would wash out (7:1 and better). */
const sunlight = {
  '--mantine-color-body': '#ffffff',
  '--mantine-color-text': '#000000',
  '--mantine-color-dimmed': '#333333',
  '--mantine-color-error': '#8a0f0f',
  '--mantine-color-placeholder': '#404040',
  '--mantine-color-default-border': '#000000',
  '--mantine-color-disabled-color': '#404040',
  '--mantine-color-disabled-border': '#404040',
  '--seal-surface': '#ffffff',
  '--seal-rail': '#f0f0f0',
  '--seal-line': '#767676',
  '--seal-line-strong': '#000000',
  '--seal-focus': '#000000',
  '--seal-accent-soft': '#d6ecf3',
  '--seal-accent-ink': '#063c4d',
  '--seal-good': '#0b4a27',
  '--seal-bad': '#8a0f0f',
  '--seal-warn': '#573500',
};

/** Colours by meaning, beside Mantine's own. `-soft` is the background, `-on` the ink on the colour. */
const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f5f6f4',
    '--mantine-color-text': '#141b1e',
    '--mantine-color-dimmed': '#4d5a60',
    '--mantine-color-error': '#a61b1b',
    '--mantine-color-placeholder': '#5f6c72',
    '--mantine-color-default-border': '#a3aeb2',
    '--mantine-color-disabled': 'transparent',
    '--mantine-color-disabled-color': '#5f6c72',
    '--mantine-color-disabled-border': '#8a979d',
    '--seal-surface': '#ffffff',
    '--seal-rail': '#eaedeb',
    '--seal-line': '#cdd4d2',
    '--seal-line-strong': '#75828a',
    '--seal-focus': '#0a5166',
    '--seal-accent-soft': '#e1eff4',
    '--seal-accent-ink': '#0a5166',
    '--seal-good': '#17653a',
    '--seal-good-soft': '#e4f3ea',
    '--seal-bad': '#a61b1b',
    '--seal-bad-soft': '#fbe9e7',
    '--seal-warn': '#7a4b00',
    '--seal-warn-soft': '#fdf1d8',
    '--seal-training': '#ffcf5c',
    '--seal-training-on': '#2b1d00',
  },
  dark: {
    '--mantine-color-body': '#11171a',
    '--mantine-color-text': '#e7edee',
    '--mantine-color-dimmed': '#a9b6bb',
    '--mantine-color-error': '#ffa49a',
    '--mantine-color-placeholder': '#94a3a9',
    '--mantine-color-default-border': '#56646b',
    '--mantine-color-disabled': 'transparent',
    '--mantine-color-disabled-color': '#94a3a9',
    '--mantine-color-disabled-border': '#6d7b82',
    '--seal-surface': '#192125',
    '--seal-rail': '#0c1113',
    '--seal-line': '#333f45',
    '--seal-line-strong': '#8797a0',
    '--seal-focus': '#7cc0d2',
    '--seal-accent-soft': '#17343e',
    '--seal-accent-ink': '#9fd3e2',
    '--seal-good': '#7fd6a0',
    '--seal-good-soft': '#15301f',
    '--seal-bad': '#ffa49a',
    '--seal-bad-soft': '#3b1a18',
    '--seal-warn': '#f1c56b',
    '--seal-warn-soft': '#352a10',
    '--seal-training': '#ffcf5c',
    '--seal-training-on': '#2b1d00',
  },
});

/**
 * The whole look as one style sheet of variables. Mantine would write them into a <style> element. A constructed sheet
 * does the same under a content security policy that allows no inline style.
 */
function variablesSheet(): CSSStyleSheet {
  // Mantine's style sheets use no other palettes. All of them would take milliseconds of every start.
  const { gray, dark: darkGreys } = DEFAULT_THEME.colors;
  const colors = { gray, dark: darkGreys } as typeof DEFAULT_THEME.colors;
  const merged = mergeMantineTheme({ ...DEFAULT_THEME, colors }, theme);
  const theirs = defaultCssVariablesResolver(merged);
  const ours = resolver(merged);
  const variables = { ...theirs.variables, ...ours.variables };
  const light = { ...theirs.light, ...ours.light };
  const dark = { ...theirs.dark, ...ours.dark };
  const onScreen = convertCssVariables({ variables, light, dark }, ':root');
  // Paper is white, whatever the screen's scheme.
  const onPaper = convertCssVariables({ variables: {}, light: {}, dark: light }, ':root');
  const inSunlight = convertCssVariables(
    { variables: sunlight, light: {}, dark: {} },
    ':root[data-sunlight]',
  );
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${onScreen} ${inSunlight} @media print { ${onPaper} }`);
  return sheet;
}

export { theme, variablesSheet };

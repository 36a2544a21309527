import { lazy } from 'react';
import type { Route } from './routes.ts';

/** The scripts of the areas. They are split, so that the first screen loads only its own. */
const scripts = {
  site: () => import('../screens/site/site-area.tsx'),
  office: () => import('../screens/office/office-area.tsx'),
  log: () => import('../screens/log/log-screen.tsx'),
  setup: () => import('../screens/setup/setup-screen.tsx'),
  files: () => import('../components/file-picker.tsx'),
  help: () => import('../screens/help/help-dialog.tsx'),
  about: () => import('../screens/help/about-dialog.tsx'),
};

const SiteArea = lazy(async () => ({ default: (await scripts.site()).SiteArea }));
const OfficeArea = lazy(async () => ({ default: (await scripts.office()).OfficeArea }));
const LogScreen = lazy(async () => ({ default: (await scripts.log()).LogScreen }));
const SetupScreen = lazy(async () => ({ default: (await scripts.setup()).SetupScreen }));
/** The page's own file dialog, for the shell without one. */
export const FilePicker = lazy(async () => ({ default: (await scripts.files()).FilePicker }));
/** The help for a screen, and the guide. */
export const HelpDialog = lazy(async () => ({ default: (await scripts.help()).HelpDialog }));
/** What Siteseal is and what is inside. */
export const AboutDialog = lazy(async () => ({ default: (await scripts.about()).AboutDialog }));

/** How long the first screen has the browser to itself, to be drawn and to take the first click, in milliseconds. */
const headStart = 500;

/** Loads the remaining areas in the background: later the shell that serves them may have ended. */
export function fetchAreas(): void {
  const fetchAll = () => void Promise.allSettled(Object.values(scripts).map((script) => script()));
  setTimeout(() => requestIdleCallback(fetchAll), headStart);
}

/** The screen of a route. */
export function ScreenOf({ route }: { readonly route: Route }) {
  switch (route.kind) {
    case 'site':
    case 'job':
    case 'receipts':
    case 'report':
      return <SiteArea route={route} />;
    case 'office':
    case 'prepare':
    case 'run':
      return <OfficeArea route={route} />;
    case 'log':
      return <LogScreen />;
    case 'setup':
      return <SetupScreen />;
  }
}

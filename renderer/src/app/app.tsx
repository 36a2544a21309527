import { useMantineColorScheme } from '@mantine/core';
import { Suspense, useEffect, useSyncExternalStore } from 'react';
import type { AppState } from '../../../preload/contract/index.ts';
import { Loaded, Waiting } from '../components/loaded.tsx';
import { InScreen } from '../components/screen.tsx';
import { asked as filesAsked } from '../port/shell.ts';
import type { Outcome } from '../port/client.ts';
import { useCall } from '../port/use-call.ts';
import { StartScreen } from '../screens/start/start-screen.tsx';
import { Announcer } from './announce.tsx';
import { fetchAreas, FilePicker, ScreenOf } from './areas.tsx';
import { Frame } from './frame.tsx';
import { Notices } from './notices.tsx';
import { Papers } from './papers.tsx';
import { SessionContext } from './session.ts';
import { useRouteFrom } from './use-route.ts';
import { words } from './words.ts';

/**
 * The whole page: the start screen until a choice is made, then the frame with the screen of the route.
 * @param first the answer to `app.get`, if it came before the page was drawn
 */
export function App({ first }: { readonly first: Outcome<AppState> | undefined }) {
  const asked = useCall('app.get', {}, { topics: ['app'], first });
  const mode = asked.state === 'known' ? asked.value.mode : null;
  const route = useRouteFrom(mode);
  const choice = useSyncExternalStore(filesAsked.subscribe, filesAsked.current);
  const isKnown = asked.state === 'known';
  useEffect(() => {
    if (isKnown) fetchAreas();
  }, [isKnown]);
  return (
    <>
      <Announcer />
      <Loaded answer={asked}>
        {(app) => (
          <SessionContext value={{ app, again: asked.again }}>
            <Theme theme={app.theme} />
            <Suspense>
              <InScreen value>{choice && <FilePicker asking={choice} />}</InScreen>
            </Suspense>
            <Papers route={route} />
            <Notices />
            <Frame app={app} route={route}>
              <Suspense fallback={<Waiting sentence={words.frame.asking} />}>
                {app.mode === null ? <StartScreen /> : <ScreenOf route={route} />}
              </Suspense>
            </Frame>
          </SessionContext>
        )}
      </Loaded>
    </>
  );
}

/** The chosen look; until then, the system's choice. */
function Theme({ theme }: { readonly theme: AppState['theme'] }) {
  // Otherwise Mantine adds a <style> to suppress transitions, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const isSunlight = theme === 'sunlight';
  const wanted = isSunlight ? 'light' : theme === 'system' ? 'auto' : theme;
  useEffect(() => {
    document.documentElement.toggleAttribute('data-sunlight', isSunlight);
    // Setting it draws everything again.
    if (colorScheme !== wanted) setColorScheme(wanted);
  }, [isSunlight, wanted, colorScheme, setColorScheme]);
  return null;
}

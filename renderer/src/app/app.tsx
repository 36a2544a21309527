import { useMantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import type { AppState } from '../../../preload/contract/index.ts';
import { FilePicker } from '../parts/file-picker.tsx';
import { Known } from '../parts/known.tsx';
import { useCall } from '../port/use-call.ts';
import { Doors } from '../screens/doors/doors.tsx';
import { LogScreen } from '../screens/log/log-screen.tsx';
import { OfficeScreen } from '../screens/office/office-screen.tsx';
import { PrepareScreen } from '../screens/office/prepare-screen.tsx';
import { RunScreen } from '../screens/office/run-screen.tsx';
import { SetupScreen } from '../screens/setup/setup-screen.tsx';
import { JobScreen } from '../screens/site/job-screen.tsx';
import { JobsScreen } from '../screens/site/jobs-screen.tsx';
import { ReceiptsScreen } from '../screens/site/receipts-screen.tsx';
import { ReportScreen } from '../screens/site/report-screen.tsx';
import { Announcer } from './announce.tsx';
import { Frame } from './frame.tsx';
import type { Route } from './routes.ts';
import { SessionContext } from './session.ts';
import { useRoute } from './use-route.ts';

/** The whole page: the doors until one is chosen, then the frame with the screen of the route. */
export function App() {
  const asked = useCall('app.get', {}, { topics: ['app'] });
  const route = useRoute();
  return (
    <>
      <Announcer />
      <FilePicker />
      <Known asked={asked}>
        {(app) => (
          <SessionContext value={{ app, again: asked.again }}>
            <Theme theme={app.theme} />
            <Frame app={app} route={route}>
              {app.door === null ? <Doors /> : <ScreenOf route={route} />}
            </Frame>
          </SessionContext>
        )}
      </Known>
    </>
  );
}

/** Light or dark, as chosen; the system's until then. */
function Theme({ theme }: { readonly theme: AppState['theme'] }) {
  // Otherwise Mantine writes a <style> to hold transitions back, which the content security policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  useEffect(() => setColorScheme(theme === 'system' ? 'auto' : theme), [theme, setColorScheme]);
  return null;
}

function ScreenOf({ route }: { readonly route: Route }) {
  switch (route.kind) {
    case 'site':
      return <JobsScreen />;
    case 'job':
      return <JobScreen key={route.id} route={route} />;
    case 'receipts':
      return <ReceiptsScreen />;
    case 'report':
      return <ReportScreen key={route.id} id={route.id} />;
    case 'office':
      return <OfficeScreen />;
    case 'prepare':
      return <PrepareScreen />;
    case 'run':
      return <RunScreen key={route.id} id={route.id} />;
    case 'log':
      return <LogScreen />;
    case 'setup':
      return <SetupScreen />;
  }
}

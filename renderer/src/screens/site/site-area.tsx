import type { Route } from '../../app/routes.ts';
import { JobScreen } from './job-screen.tsx';
import { JobsScreen } from './jobs-screen.tsx';
import { ReceiptsScreen } from './receipts-screen.tsx';
import { ReportScreen } from './report-screen.tsx';
import { WithTrainingPanel } from './training-panel.tsx';

/** The screens of the installer. */
export function SiteArea({
  route,
}: {
  readonly route: Extract<Route, { kind: 'site' | 'job' | 'receipts' | 'report' }>;
}) {
  switch (route.kind) {
    case 'site':
      return <JobsScreen />;
    case 'job':
      return <JobScreen key={route.id} route={route} />;
    case 'receipts':
      return (
        <WithTrainingPanel>
          <ReceiptsScreen />
        </WithTrainingPanel>
      );
    case 'report':
      return <ReportScreen key={route.id} id={route.id} />;
  }
}

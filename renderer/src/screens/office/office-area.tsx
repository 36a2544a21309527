import type { Route } from '../../app/routes.ts';
import { OfficeScreen } from './office-screen.tsx';
import { PrepareScreen } from './prepare-screen.tsx';
import { RunScreen } from './run-screen.tsx';

/** The screens of the preparer. */
export function OfficeArea({
  route,
}: {
  readonly route: Extract<Route, { kind: 'office' | 'prepare' | 'run' }>;
}) {
  switch (route.kind) {
    case 'office':
      return <OfficeScreen />;
    case 'prepare':
      return <PrepareScreen />;
    case 'run':
      return <RunScreen key={route.id} id={route.id} />;
  }
}

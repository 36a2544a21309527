import { Suspense, useState } from 'react';
import { HelpDialog, LicencesDialog } from './areas.tsx';
import { useCommand, useCommands } from './commands.ts';
import { topicOf, type Topic } from './help-topics.ts';
import type { Route } from './routes.ts';
import { useSession } from './session.ts';

type Paper = { readonly kind: 'help'; readonly topic: Topic } | { readonly kind: 'licences' };

/** What can be read beside every screen: the help and the licences. Also performs the commands that open them. */
export function Papers({ route }: { readonly route: Route }) {
  const { mode, training } = useSession().app;
  const [open, setOpen] = useState<Paper>();
  useCommands({ isOpen: mode !== null, training });
  useCommand('help', () => setOpen({ kind: 'help', topic: topicOf(route, mode) }));
  useCommand('guide', () => setOpen({ kind: 'help', topic: 'guide' }));
  useCommand('licences', () => setOpen({ kind: 'licences' }));
  const close = () => setOpen(undefined);
  return (
    <Suspense>
      {open?.kind === 'help' && <HelpDialog first={open.topic} close={close} />}
      {open?.kind === 'licences' && <LicencesDialog close={close} />}
    </Suspense>
  );
}

import { Suspense, useState } from 'react';
import type { AboutPlace } from '../screens/help/about-dialog.tsx';
import { AboutDialog, HelpDialog } from './areas.tsx';
import { useCommand, useCommands } from './commands.ts';
import { topicOf, type Topic } from './help-topics.ts';
import type { Route } from './routes.ts';
import { useSession } from './session.ts';

type Paper =
  { readonly kind: 'help'; readonly topic: Topic } | { readonly kind: 'about'; readonly place: AboutPlace };

/** What can be read beside every screen: the help, and what Siteseal is. Also performs the commands that open them. */
export function Papers({ route }: { readonly route: Route }) {
  const { mode, training } = useSession().app;
  const [open, setOpen] = useState<Paper>();
  useCommands({ isOpen: mode !== null, training });
  useCommand('help', () => setOpen({ kind: 'help', topic: topicOf(route, mode) }));
  useCommand('guide', () => setOpen({ kind: 'help', topic: 'guide' }));
  useCommand('about', () => setOpen({ kind: 'about', place: 'about' }));
  useCommand('licences', () => setOpen({ kind: 'about', place: 'licences' }));
  const close = () => setOpen(undefined);
  return (
    <Suspense>
      {open?.kind === 'help' && <HelpDialog first={open.topic} close={close} />}
      {open?.kind === 'about' && <AboutDialog first={open.place} close={close} />}
    </Suspense>
  );
}

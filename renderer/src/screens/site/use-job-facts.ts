import { useEffect, useState } from 'react';
import type { JobView } from '../../../../preload/contract/index.ts';
import { useSession } from '../../app/session.ts';
import type { PageId } from '../../app/routes.ts';
import { useCall } from '../../port/use-call.ts';
import { showsDelivery, type JobFacts } from './job-pages.ts';

/** Milliseconds between checks of cable, network and drives, which send no events. */
export const lookEvery = 2500;

/** What the screens of a job share: the facts, and the actions that change them. */
export interface JobContext {
  readonly facts: JobFacts;
  /** Cable and network have not been checked yet, so nothing is known about what is connected. */
  readonly isLooking: boolean;
  /** Asks the eNB for its identity again. */
  readonly identifyAgain: () => void;
  readonly ignoreNetwork: () => void;
  /** Switches from the result of an earlier delivery to sending again, and back. */
  readonly wantToSend: (wants: boolean) => void;
}

/**
 * Gathers what decides the screen of a job, and keeps it up to date. Identifies the eNB as soon as there is an address.
 */
export function useJobFacts(job: JobView, page: PageId, address: string | undefined): JobContext {
  const { training } = useSession().app;
  const [wantsToSend, setWants] = useState(false);
  const isBusy = job.work !== undefined || job.carried?.work !== undefined;
  useEffect(() => {
    if (isBusy) setWants(false);
  }, [isBusy]);
  const [ignoresNetwork, setIgnores] = useState(false);
  const every = page === 'ethernet' ? lookEvery : undefined;
  const network = useCall('network.get', {}, { every, wait: training });
  const found = useCall('enbs.found', {}, { topics: ['enbs'] });
  // Not during a delivery: an eNB serves one connection at a time.
  const asks = page === 'identify' || (page === 'step-0' && !showsDelivery({ job, wantsToSend }));
  const isAsked = asks && address !== undefined && !job.work && !job.fault;
  const identified = useCall(
    'jobs.identify',
    { id: job.id, address: address ?? '' },
    { topics: ['enbs'], wait: !isAsked },
  );
  const facts: JobFacts = {
    job,
    training,
    ignoresNetwork,
    address,
    network: network.state === 'known' ? network.value : undefined,
    found: found.state === 'known' ? found.value.enbs : undefined,
    usbFault: found.state === 'known' ? found.value.usbFault : undefined,
    wantsToSend,
    identity: isAsked ? identified : { state: 'unknown' },
  };
  return {
    facts,
    isLooking: page === 'ethernet' && !training && (network.state === 'asking' || found.state === 'asking'),
    identifyAgain: identified.again,
    ignoreNetwork: () => setIgnores(true),
    wantToSend: setWants,
  };
}

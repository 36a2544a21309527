import type {
  FaultView,
  FoundEnb,
  IdentifiedView,
  JobView,
  NetworkView,
} from '../../../../preload/contract/index.ts';
import { hasReached, lastStarted } from '../../../../preload/contract/steps.ts';
import type { PageId } from '../../app/routes.ts';
import { isLeft } from './job-state.ts';

/** What is known about the identity of the connected eNB. */
export type Identity =
  | { readonly state: 'unknown' }
  | { readonly state: 'asking' }
  | { readonly state: 'fault'; readonly fault: FaultView }
  | { readonly state: 'known'; readonly value: IdentifiedView };

/** Everything that decides which screen of a job is shown. */
export interface JobFacts {
  readonly job: JobView;
  readonly training: boolean;
  readonly network: NetworkView | undefined;
  /** Undefined until the first search. */
  readonly found: readonly FoundEnb[] | undefined;
  /** Why USB cannot be searched. */
  readonly usbFault: FaultView | undefined;
  /** The user continues although the network looks unfit. */
  readonly ignoresNetwork: boolean;
  /** The chosen connection: as the core has it, or `drive:` and a volume. */
  readonly address: string | undefined;
  readonly identity: Identity;
  /** The user wants to send or to write, even if an earlier attempt left a result to show. */
  readonly wantsToSend: boolean;
}

/** What prevents a connection by USB, by its fault code. Each has its own words. */
export const usbProblems = [
  'usb-unavailable',
  'usb-device-missing',
  'usb-device-ambiguous',
  'usb-no-permission',
  'usb-wrong-driver',
  'usb-busy',
  'usb-unplugged',
] as const;
export type UsbProblem = (typeof usbProblems)[number];

/** What can be missing. Each obstacle has its own screen. */
export type Obstacle =
  | 'bundle-unusable'
  | 'no-interface'
  | 'no-link'
  | 'no-address'
  | 'no-target'
  | 'identifying'
  | 'identity-fault'
  | 'wrong-enb'
  | 'no-drive'
  | 'not-verified'
  | 'not-delivered'
  | UsbProblem;

type Need = (facts: JobFacts) => Obstacle | undefined;

const usableBundle: Need = ({ job }) => (job.fault ? 'bundle-unusable' : undefined);

/** The lab's eNBs are on this laptop and need no cable. */
const network: Need = ({ network: seen, found, training, ignoresNetwork, address }) =>
  training || ignoresNetwork || found?.some(({ kind }) => kind === 'ethernet') || address !== undefined
    ? undefined
    : (seen?.problem ?? undefined);

function usbProblemOf({ code }: FaultView): UsbProblem | undefined {
  return usbProblems.find((problem) => problem === code);
}

const usb: Need = ({ found, usbFault }) => {
  if (usbFault) return usbProblemOf(usbFault) ?? 'usb-unavailable';
  return !found || found.some(({ kind }) => kind === 'usb') ? undefined : 'usb-device-missing';
};

const target: Need = ({ address }) => (address === undefined ? 'no-target' : undefined);

const identity: Need = ({ identity: seen }) => {
  if (seen.state === 'fault') return usbProblemOf(seen.fault) ?? 'identity-fault';
  return seen.state === 'known' ? undefined : 'identifying';
};

const rightEnb: Need = ({ identity: seen }) =>
  seen.state === 'known' && !seen.value.isTheRightOne ? 'wrong-enb' : undefined;

const drivePrefix = 'drive:';

/** A drive as a connection, in the form used in the address bar. */
export function driveAddress(volume: string): string {
  return `${drivePrefix}${volume}`;
}

/** The volume, if the connection is a drive. */
export function volumeOf(address: string | undefined): string | undefined {
  return address?.startsWith(drivePrefix) ? address.slice(drivePrefix.length) : undefined;
}

/** The address of an eNB, if the connection leads to one and not to a drive. */
export function enbAddress(address: string | undefined): string | undefined {
  return volumeOf(address) === undefined ? address : undefined;
}

/** Whether a connection is an address on the network. */
export function isNetworkAddress(address: string | undefined): address is string {
  return address !== undefined && !/^(usb|drive):/.test(address);
}

/** Where to choose a different eNB: where this one was chosen, so that a typed address can be corrected. */
export function chooserOf(address: string | undefined): PageId {
  if (address === undefined) return 'connect';
  return isNetworkAddress(address) ? 'ethernet' : 'usb';
}

const drive: Need = ({ address }) => (volumeOf(address) === undefined ? 'no-drive' : undefined);

const verified: Need = ({ job: { carried } }) =>
  carried?.state === 'verified' || carried?.state === 'carried' ? undefined : 'not-verified';

const delivered: Need = ({ job }) => (hasAnswer(job) ? undefined : 'not-delivered');

/** A page that is listed beside the screen; the others belong to Connect. */
export type ListedPage = Exclude<PageId, ConnectPage['id']>;

interface ConnectPage {
  readonly id: 'ethernet' | 'usb' | 'drives';
  readonly by: 'stream' | 'drive';
  readonly needs: readonly Need[];
}

interface JobPage {
  readonly id: ListedPage;
  /** The kind of connection the page is for: directly to the eNB, or by a drive that is carried. Absent: both. */
  readonly by?: 'stream' | 'drive';
  /** Whether the job has the page. Absent: every job. */
  readonly isFor?: (job: JobView) => boolean;
  /** What must hold before its screen is shown, checked in this order. */
  readonly needs: readonly Need[];
}

/** The job as a list of pages. */
const pages: readonly JobPage[] = [
  { id: 'connect', needs: [usableBundle] },
  { id: 'identify', by: 'stream', needs: [usableBundle, target, identity, rightEnb] },
  { id: 'step-0', by: 'stream', needs: [usableBundle, target, identity, rightEnb] },
  { id: 'drive', by: 'drive', needs: [usableBundle, drive] },
  { id: 'carry', by: 'drive', needs: [verified] },
  { id: 'step-05', isFor: hasFirstTunnel, needs: [delivered] },
  { id: 'finish', needs: [delivered] },
];

/** The pages that Connect leads to. */
const connectPages: readonly ConnectPage[] = [
  { id: 'ethernet', by: 'stream', needs: [usableBundle, network] },
  { id: 'usb', by: 'stream', needs: [usableBundle, usb] },
  { id: 'drives', by: 'drive', needs: [usableBundle] },
];

function pageOf(page: PageId): JobPage | ConnectPage | undefined {
  return [...pages, ...connectPages].find(({ id }) => id === page);
}

/** The pages that are listed when this one is shown. */
export function listedPages(page: PageId, job: JobView): readonly ListedPage[] {
  const isCarried = job.carried !== undefined || (hasAnswer(job) && job.address === undefined);
  const by = pageOf(page)?.by ?? (isCarried ? 'drive' : 'stream');
  return pages
    .filter(({ by: only = by, isFor = () => true }) => only === by && isFor(job))
    .map(({ id }) => id);
}

/** The listed page that a page is, or is a part of. */
export function listedPage(page: PageId): ListedPage {
  return pages.find(({ id }) => id === page)?.id ?? 'connect';
}

/** Whether the eNB has answered, over any connection. */
export function hasAnswer({ work, state }: JobView): boolean {
  return !work && (state === 'receipt' || state === 'refused');
}

/** Whether the eNB has to set up a first tunnel. One that refused its configuration does not. */
export function hasFirstTunnel({ steps: { list }, state }: JobView): boolean {
  return state !== 'refused' && list.some(({ step }) => step === 'initial-ipsec');
}

/** Where to continue once the eNB has its configuration: at its first tunnel, until that is up or skipped. */
export function pageAfterDelivery(job: JobView): 'step-05' | 'finish' {
  const last = lastStarted(job.steps.list);
  const isNext = last === undefined || (last.step === 'initial-ipsec' && last.state !== 'done');
  return hasFirstTunnel(job) && isNext ? 'step-05' : 'finish';
}

/** Whether a delivery has ended, even because the core ended, and left a result to show. */
export function hasOutcome(job: JobView): boolean {
  return !job.work && (job.deliveryFault !== undefined || hasReached(job.state, 'sending'));
}

/** Whether step 0 shows a delivery, running or finished. That does not depend on the needs of sending. */
export function showsDelivery({ job, wantsToSend }: Pick<JobFacts, 'job' | 'wantsToSend'>): boolean {
  return job.work !== undefined || (hasOutcome(job) && !wantsToSend);
}

/** Whether the drive's contents are shown, from now or before. That does not depend on the needs of writing. */
export function showsDrive({
  job: { carried },
  wantsToSend,
}: Pick<JobFacts, 'job' | 'wantsToSend'>): boolean {
  return carried !== undefined && (carried.work !== undefined || !wantsToSend);
}

/** The first obstacle for a page. */
export function obstacleOf(page: PageId, facts: JobFacts): Obstacle | undefined {
  if (page === 'step-0' && showsDelivery(facts)) return undefined;
  if (page === 'drive' && showsDrive(facts)) return undefined;
  for (const need of pageOf(page)?.needs ?? []) {
    const obstacle = need(facts);
    if (obstacle) return obstacle;
  }
  return undefined;
}

/** The page on which a job resumes when no page was named. */
export function firstPage(job: JobView): PageId {
  const { carried } = job;
  if (job.work) return 'step-0';
  // Without a connection to the eNB, only Finish has anything to say.
  if (job.state === 'receipt') return job.address === undefined ? 'finish' : pageAfterDelivery(job);
  if (carried) return carried.state === 'carried' && !carried.work ? 'carry' : 'drive';
  if (job.state === 'refused' && job.address === undefined) return 'finish';
  return hasOutcome(job) ? 'step-0' : 'connect';
}

/** The page to show for a requested one. Work under way comes first. The carry page ends once the eNB has answered. */
export function shownPage(job: JobView, asked: PageId | undefined): PageId {
  if (job.work) return 'step-0';
  if (job.carried?.work) return 'drive';
  if (asked === 'carry' && !job.carried && hasAnswer(job)) return 'finish';
  if (asked === 'step-05' && !hasFirstTunnel(job)) return 'finish';
  return asked ?? firstPage(job);
}

/** Whether the user may go to a page from the list beside the screen. */
export function isReachable(page: PageId, facts: JobFacts): boolean {
  if (facts.job.work) return page === 'step-0';
  if (facts.job.carried?.work) return page === 'drive';
  if (page === 'connect') return true;
  return obstacleOf(page, facts) === undefined;
}

/**
 * Whether the eNB was identified for sending. A delivery starts after that, and identifies it again before it sends.
 */
function wasIdentified({ work, state }: JobView): boolean {
  return work !== undefined || hasReached(state, 'sending');
}

/**
 * Whether a page is ticked off in the list, while `here` is shown. Nobody has seen Finish before it is shown, and it is not
 * done while a step is left.
 */
export function isDone(page: PageId, facts: JobFacts, here: PageId): boolean {
  const { job, identity: seen } = facts;
  const isProven = job.state === 'receipt' && !job.work;
  switch (page) {
    case 'connect':
      return seen.state === 'known' || wasIdentified(job) || job.carried !== undefined;
    case 'identify':
      return (seen.state === 'known' && seen.value.isTheRightOne) || wasIdentified(job);
    case 'drive':
      return isProven || verified(facts) === undefined;
    case 'step-05':
      return job.steps.list.some(({ step, state }) => step === 'initial-ipsec' && state === 'done');
    case 'finish':
      return isProven && here === 'finish' && !isLeft(job.steps);
    default:
      return isProven;
  }
}

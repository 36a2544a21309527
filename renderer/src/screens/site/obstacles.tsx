import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { NetworkView } from '../../../../preload/contract/index.ts';
import { go } from '../../app/use-route.ts';
import { words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Mono } from '../../components/mono.tsx';
import { Folded, Panel, Screen } from '../../components/screen.tsx';
import { TrustAction } from '../../components/trust-root.tsx';
import { chooserOf, type Obstacle, type UsbProblem } from './job-pages.ts';
import type { JobContext } from './use-job-facts.ts';
import { WrongEnb } from './wrong-enb.tsx';

interface ObstacleProps {
  readonly obstacle: Obstacle;
  readonly context: JobContext;
}

/** One screen for each thing that can be missing. */
export function ObstacleScreen({ obstacle, context }: ObstacleProps) {
  const { facts, identifyAgain } = context;
  const { job, identity, address } = facts;
  switch (obstacle) {
    case 'bundle-unusable':
      return (
        <Screen
          title={words.obstacles.bundle.title}
          lead={words.obstacles.bundle.lead}
          secondary={<ToJobs />}
        >
          {job.fault && (
            <FaultPanel fault={job.fault}>
              <TrustAction fault={job.fault} />
            </FaultPanel>
          )}
        </Screen>
      );
    case 'no-interface':
    case 'no-link':
    case 'no-address':
      return <NetworkProblem problem={obstacle} context={context} />;
    case 'no-target':
      return (
        <Screen
          title={words.obstacles.target.title}
          lead={words.obstacles.target.lead}
          primary={<ToConnect id={job.id} />}
        />
      );
    case 'identifying':
      return (
        <Screen
          title={words.obstacles.identifying.title}
          secondary={<ToOtherEnb id={job.id} address={address} />}
        >
          <Waiting sentence={words.obstacles.identifying.lead} />
        </Screen>
      );
    case 'usb-unavailable':
    case 'usb-device-missing':
    case 'usb-device-ambiguous':
    case 'usb-no-permission':
    case 'usb-wrong-driver':
    case 'usb-busy':
    case 'usb-unplugged':
      return <UsbObstacle problem={obstacle} context={context} />;
    case 'identity-fault':
      return (
        <Screen
          title={words.obstacles.identity.title}
          secondary={<ToOtherEnb id={job.id} address={address} />}
          primary={<Button onClick={identifyAgain}>{words.frame.again}</Button>}
        >
          {identity.state === 'fault' && <FaultPanel fault={identity.fault} />}
        </Screen>
      );
    case 'wrong-enb':
      return identity.state === 'known' ? (
        <WrongEnb job={job} address={address} found={identity.value} again={identifyAgain} />
      ) : null;
    case 'no-drive':
      return <NotYet text={words.obstacles.drive} id={job.id} />;
    case 'not-verified':
      return <NotYet text={words.obstacles.verified} id={job.id} />;
    case 'not-delivered':
      return <NotYet text={words.obstacles.delivered} id={job.id} />;
  }
}

/** A page before this one is not done; leads back to the choice of the connection. */
function NotYet({
  text,
  id,
}: {
  readonly text: { readonly title: string; readonly lead: string };
  readonly id: string;
}) {
  return (
    <Screen title={text.title} lead={text.lead} primary={<ToConnect id={id} />} secondary={<ToJobs />} />
  );
}

/** What prevents a connection by USB: what to check, in order. Plugging in a device is noticed automatically. */
function UsbObstacle({
  problem,
  context: { facts, identifyAgain },
}: {
  readonly problem: UsbProblem;
  readonly context: JobContext;
}) {
  const { title, lead, check } = words.usb[problem];
  const { job, identity, usbFault } = facts;
  const fault = identity.state === 'fault' ? identity.fault : usbFault;
  return (
    <Screen
      title={title}
      lead={lead}
      secondary={<ToConnections id={job.id} />}
      primary={identity.state === 'fault' && <Button onClick={identifyAgain}>{words.frame.again}</Button>}
    >
      <Panel title={words.network.whatToCheck}>
        <ol className={cls('list')}>
          {check.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </Panel>
      {problem !== 'usb-unavailable' && <Waiting sentence={words.usb.looking} />}
      {fault && (
        <Folded title={words.usb.more}>
          <FaultPanel fault={fault} />
        </Folded>
      )}
    </Screen>
  );
}

/** Cable and network: what to check, in order. The page checks again automatically. */
function NetworkProblem({
  problem,
  context: { facts, ignoreNetwork },
}: {
  readonly problem: NonNullable<NetworkView['problem']>;
  readonly context: JobContext;
}) {
  const { title, lead, check } = words.network[problem];
  return (
    <Screen
      title={title}
      lead={lead}
      secondary={<ToConnections id={facts.job.id} />}
      primary={
        <Button variant="default" onClick={ignoreNetwork}>
          {words.network.ignore}
        </Button>
      }
    >
      <Panel title={words.network.whatToCheck}>
        <ol className={cls('list')}>
          {check.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </Panel>
      <Waiting sentence={words.network.looking} />
      {facts.network && facts.network.interfaces.length > 0 && (
        <Folded title={words.network.seen}>
          <Interfaces interfaces={facts.network.interfaces} />
        </Folded>
      )}
    </Screen>
  );
}

function Interfaces({ interfaces }: Pick<NetworkView, 'interfaces'>) {
  return (
    <ul className={cls('list')}>
      {interfaces.map(({ name, link, addresses }) => (
        <li key={name} className={cls('row')}>
          <Mono>{name}</Mono>
          <Chip tone={link === 'up' ? 'good' : link === 'down' ? 'bad' : 'plain'}>
            {words.network.links[link]}
          </Chip>
          <Mono>{addresses.length > 0 ? addresses.join(', ') : words.network.noAddresses}</Mono>
        </li>
      ))}
    </ul>
  );
}

/** A button that leads back to the jobs. */
export function ToJobs() {
  return (
    <Button variant="default" onClick={() => go({ kind: 'site' })}>
      {words.job.toJobs}
    </Button>
  );
}

/** A button that leads back to the choice of the connection to the eNB. */
export function ToConnections({ id }: { readonly id: string }) {
  return (
    <Button variant="default" onClick={() => go({ kind: 'job', id, page: 'connect' })}>
      {words.job.otherConnection}
    </Button>
  );
}

function ToConnect({ id }: { readonly id: string }): ReactNode {
  return <Button onClick={() => go({ kind: 'job', id, page: 'connect' })}>{words.job.toConnect}</Button>;
}

/** Back to where the eNB was chosen, with the text that was typed there. */
export function ToOtherEnb({ id, address }: { readonly id: string; readonly address: string | undefined }) {
  const chooser = () =>
    go({ kind: 'job', id, page: chooserOf(address), ...(address !== undefined && { address }) });
  return (
    <Button variant="default" onClick={chooser}>
      {words.job.otherAddress}
    </Button>
  );
}

import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { FileHandle, Theme, VendorRootView } from '../../../../preload/contract/index.ts';
import { perform, useCommand } from '../../app/commands.ts';
import { useOpened } from '../../app/open-files.ts';
import { useSession } from '../../app/session.ts';
import { fill, localDate, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Digest } from '../../components/mono.tsx';
import { Facts, Folded, Panel, Screen } from '../../components/screen.tsx';
import { TrainingSetup } from '../../components/restart-training.tsx';
import { TrustRoot } from '../../components/trust-root.tsx';
import { useAction, useCall } from '../../port/use-call.ts';
import { LogPeople } from './log-people.tsx';
import { PolicyPanel } from './policy-panel.tsx';

/** The look, what this laptop trusts, the version, and the way back to the start screen. */
export function SetupScreen() {
  const { app, again } = useSession();
  const leave = useAction('app.leave');
  const toStart = async () => {
    if ((await leave.run({})).ok) again();
  };
  useCommand('start-screen', () => void toStart());
  return (
    <Screen
      title={words.setup.title}
      secondary={
        <Button variant="default" loading={leave.isBusy} onClick={() => void toStart()}>
          {words.setup.toStart}
        </Button>
      }
    >
      {leave.fault && <FaultPanel fault={leave.fault} />}
      <ThemeChoice />
      <Roots />
      <LogPeople />
      {app.policy && <PolicyPanel policy={app.policy} />}
      {app.training && <TrainingSetup />}
      <Panel
        title={words.setup.about}
        aside={
          <Button variant="default" onClick={() => void perform('about')}>
            {words.setup.toAbout}
          </Button>
        }
      >
        <Facts
          facts={[
            [words.setup.version, app.version],
            [words.setup.shell, words.setup.shells[app.shell]],
            [words.setup.mode, app.mode === null ? undefined : words.start[app.mode].name],
          ]}
        />
      </Panel>
    </Screen>
  );
}

const themes: readonly Theme[] = ['system', 'light', 'dark', 'sunlight'];

function ThemeChoice() {
  const { app, again } = useSession();
  const choose = useAction('app.theme');
  const take = async (theme: Theme) => {
    if ((await choose.run({ theme })).ok) again();
  };
  const radios = useRef<HTMLDivElement>(null);
  useCommand('theme', () => {
    // After the heading of a new screen has taken the focus.
    queueMicrotask(() => radios.current?.querySelector<HTMLInputElement>(':checked')?.focus());
  });
  return (
    <Panel title={words.setup.theme}>
      {choose.fault && <FaultPanel fault={choose.fault} />}
      <div ref={radios} className={cls('radios')} role="radiogroup" aria-label={words.setup.theme}>
        {themes.map((theme) => (
          <label key={theme}>
            <input
              type="radio"
              name="theme"
              checked={app.theme === theme}
              onChange={() => void take(theme)}
            />
            {words.setup.themes[theme]}
          </label>
        ))}
      </div>
    </Panel>
  );
}

function Roots() {
  const { training } = useSession().app;
  const roots = useCall('vendors.list', {}, { topics: ['app', 'operators'] });
  const [trusting, setTrusting] = useState<{ readonly file?: FileHandle }>();
  useCommand('trust-root', () => !training && setTrusting({}));
  useOpened('vendor-root', ([file]) => file && setTrusting({ file }));
  const [withdrawing, setWithdrawing] = useState<VendorRootView>();
  return (
    <Panel
      title={words.setup.roots}
      aside={
        // The lab brings its own root.
        !training && (
          <Button variant="default" onClick={() => setTrusting({})}>
            {words.trust.open}
          </Button>
        )
      }
    >
      <Loaded answer={roots}>
        {(known) =>
          known.length === 0 ? (
            <p>{words.setup.noRoots}</p>
          ) : (
            known.map((root) => (
              <Root key={root.fingerprint} root={root} withdraw={training ? undefined : setWithdrawing} />
            ))
          )
        }
      </Loaded>
      {withdrawing && (
        <Distrust root={withdrawing} close={() => setWithdrawing(undefined)} withdrawn={roots.again} />
      )}
      {trusting && <TrustRoot {...trusting} close={() => setTrusting(undefined)} trusted={roots.again} />}
    </Panel>
  );
}

interface RootProps {
  readonly root: VendorRootView;
  /** Absent where the user cannot withdraw the trust. */
  readonly withdraw: ((root: VendorRootView) => void) | undefined;
}

function Root({ root, withdraw }: RootProps) {
  const { fingerprint, name, subject, until } = root;
  return (
    <Folded title={fill(words.setup.rootUntil, { name, until: localDate(until) })}>
      <div className={cls('stack')}>
        <Facts
          facts={[
            [words.trust.subject, subject],
            [words.trust.fingerprint, <Digest key="digest" value={fingerprint} />],
          ]}
        />
        {withdraw && (
          <div className={cls('row')}>
            <Button
              variant="default"
              aria-label={fill(words.trust.distrustOf, { subject: name })}
              onClick={() => withdraw(root)}
            >
              {words.trust.distrust}
            </Button>
          </div>
        )}
      </div>
    </Folded>
  );
}

interface DistrustProps {
  readonly root: VendorRootView;
  readonly close: () => void;
  readonly withdrawn: () => void;
}

/** Asks before the trust in a root is withdrawn, and says what that means. */
function Distrust({ root: { name, subject, fingerprint }, close, withdrawn }: DistrustProps) {
  const distrust = useAction('vendors.distrust');
  const confirm = async () => {
    if (!(await distrust.run({ fingerprint })).ok) return;
    withdrawn();
    close();
  };
  return (
    <Dialog title={words.trust.distrustTitle} cancel={words.trust.cancel} close={close}>
      <div className={cls('stack')}>
        <strong>{name}</strong>
        <span className={cls('quiet')}>{subject}</span>
        <p>{words.trust.distrustText}</p>
        {distrust.fault && <FaultPanel fault={distrust.fault} />}
        <div className={cls('faultFoot')}>
          <Button variant="default" data-autofocus onClick={close}>
            {words.trust.cancel}
          </Button>
          <Button variant="stop" loading={distrust.isBusy} onClick={() => void confirm()}>
            {words.trust.distrustNow}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

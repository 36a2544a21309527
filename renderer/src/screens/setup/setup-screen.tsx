import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AppState } from '../../../../preload/contract/index.ts';
import { useSession } from '../../app/session.ts';
import { fill, localDate, words } from '../../app/words.ts';
import { cls } from '../../parts/classes.ts';
import { FaultPanel } from '../../parts/fault-panel.tsx';
import { Known } from '../../parts/known.tsx';
import { Digest } from '../../parts/mono.tsx';
import { Facts, Panel, Screen } from '../../parts/screen.tsx';
import { TrustRoot } from '../../parts/trust-root.tsx';
import { useAction, useCall } from '../../port/use-call.ts';

/** The look, what this laptop trusts, the version, and the way back to the doors. */
export function SetupScreen() {
  const { app, again } = useSession();
  const leave = useAction('app.leave');
  const toDoors = async () => {
    if ((await leave.run({})).ok) again();
  };
  return (
    <Screen
      title={words.setup.title}
      secondary={
        <Button variant="default" loading={leave.isBusy} onClick={() => void toDoors()}>
          {words.setup.toDoors}
        </Button>
      }
    >
      {leave.fault && <FaultPanel fault={leave.fault} />}
      <ThemeChoice />
      <Roots />
      <Panel title={words.setup.about}>
        <Facts
          facts={[
            [words.setup.version, app.version],
            [words.setup.shell, words.setup.shells[app.shell]],
            [words.setup.door, app.door === null ? undefined : words.doors[app.door].name],
          ]}
        />
      </Panel>
    </Screen>
  );
}

const themes: readonly AppState['theme'][] = ['system', 'light', 'dark'];

function ThemeChoice() {
  const { app, again } = useSession();
  const choose = useAction('app.theme');
  const take = async (theme: AppState['theme']) => {
    if ((await choose.run({ theme })).ok) again();
  };
  return (
    <Panel title={words.setup.theme}>
      {choose.fault && <FaultPanel fault={choose.fault} />}
      <div className={cls('radios')} role="radiogroup" aria-label={words.setup.theme}>
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
  const roots = useCall('vendors.list', {}, { topics: ['app', 'operators'] });
  const [isTrusting, setTrusting] = useState(false);
  return (
    <Panel
      title={words.setup.roots}
      aside={
        <Button variant="default" onClick={() => setTrusting(true)}>
          {words.trust.open}
        </Button>
      }
    >
      <Known asked={roots}>
        {(known) =>
          known.length === 0 ? (
            <p>{words.setup.noRoots}</p>
          ) : (
            known.map(({ fingerprint, subject, until }) => (
              <Facts
                key={fingerprint}
                facts={[
                  [words.trust.subject, fill(words.setup.rootUntil, { subject, until: localDate(until) })],
                  [words.trust.fingerprint, <Digest key="digest" value={fingerprint} />],
                ]}
              />
            ))
          )
        }
      </Known>
      {isTrusting && <TrustRoot close={() => setTrusting(false)} trusted={roots.again} />}
    </Panel>
  );
}

import { Button, Title } from '@mantine/core';
import words from '../../../../assets/locales/en/page/about.json' with { type: 'json' };
import type { Output } from '../../../../preload/contract/index.ts';
import { useSession } from '../../app/session.ts';
import { fill, words as pageWords } from '../../app/words.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { saveText } from '../../components/save-text.ts';
import { Facts, InScreen } from '../../components/screen.tsx';
import { useAction, useCall } from '../../port/use-call.ts';
import styles from './about.module.css';
import { runtimesIn } from './runtimes.ts';

/** The part of the dialog that is read first. */
export type AboutPlace = 'about' | 'licences';

interface AboutProps {
  readonly first: AboutPlace;
  readonly close: () => void;
}

const { fixes, news, report, secrets } = words.support;
const supportSentences = [fixes, news, report, secrets];

/** What Siteseal is, what it runs on, how long it is supported, and what is inside. */
export function AboutDialog({ first, close }: AboutProps) {
  const { app } = useSession();
  const about = useCall('app.about', {});
  const takesFocus = (place: AboutPlace) =>
    place === first ? ({ 'data-autofocus': true, tabIndex: -1 } as const) : {};
  return (
    <Dialog title={words.title} size="xl" cancel={words.close} close={close}>
      <div className={styles['about']}>
        <div {...takesFocus('about')}>
          <Runtime node={about.state === 'known' ? about.value.node : undefined} />
        </div>
        <Title order={3}>{words.support.title}</Title>
        {supportSentences.map((text) => (
          <p key={text}>{text}</p>
        ))}
        <Title order={3} {...takesFocus('licences')}>
          {words.inside.title}
        </Title>
        <p>{words.inside.lead}</p>
        {app.shell === 'electron' && <p>{words.inside.electron}</p>}
        <SaveList />
        <InScreen value>
          <Loaded answer={about}>{({ parts }) => <Parts parts={parts} />}</Loaded>
        </InScreen>
      </div>
    </Dialog>
  );
}

/** @param props.node the version of the core's Node.js, once it is known */
function Runtime({ node }: { readonly node: string | undefined }) {
  const { app } = useSession();
  const window = runtimesIn(navigator.userAgent);
  const all = [...window, ...(node === undefined ? [] : [{ name: 'Node.js', version: node }])];
  return (
    <Facts
      facts={[
        [words.facts.version, app.version],
        [words.facts.shell, pageWords.setup.shells[app.shell]],
        [words.facts.runtime, all.map(({ name, version }) => `${name} ${version}`).join(', ') || undefined],
        [words.facts.licence, words.ownLicence],
      ]}
    />
  );
}

function SaveList() {
  const { run, isBusy, fault } = useAction('app.sbom');
  const save = async () => {
    const outcome = await run({});
    if (outcome.ok) saveText(outcome.value.fileName, 'application/vnd.cyclonedx+json', outcome.value.text);
  };
  return (
    <>
      <div className={styles['save']}>
        <Button variant="default" loading={isBusy} aria-describedby="about-save" onClick={() => void save()}>
          {words.inside.save}
        </Button>
        <p id="about-save">{words.inside.saveHint}</p>
      </div>
      {fault && <FaultPanel fault={fault} />}
    </>
  );
}

/** The packages, each with its licence to read. */
function Parts({ parts }: Pick<Output<'app.about'>, 'parts'>) {
  return (
    <ul>
      {parts.map(({ name, version = '', licence, text }) => (
        <li key={`${name} ${version}`}>
          <details>
            <summary>
              <span>
                {name} {version}
              </span>
              <span className={styles['kind']}>{licence}</span>
            </summary>
            <pre>{text === '' ? fill(words.inside.noText, { licence }) : text}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}

import { Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import help from '../../../../assets/locales/en/page/help.json' with { type: 'json' };
import { shortcuts, type Command } from '../../../../preload/contract/commands.ts';
import { topicGroups, type Topic, type TopicGroup } from '../../app/help-topics.ts';
import { shownKeys } from '../../app/keys.ts';
import { Dialog } from '../../components/dialog.tsx';
import styles from './help.module.css';

interface TopicWords {
  readonly title: string;
  readonly what: string;
  readonly steps: readonly string[];
  readonly wrong: readonly { readonly when: string; readonly then: string }[];
}

const words = help.help;
const topics: Readonly<Record<Topic, TopicWords>> = help.topics;
const groups = Object.entries(topicGroups) as [TopicGroup, readonly Topic[]][];
const commandWords: Readonly<Partial<Record<Command, string>>> = words.commands;

/** The help: first the topic of the current screen, and beside it the whole guide. */
export function HelpDialog({ first, close }: { readonly first: Topic; readonly close: () => void }) {
  const [chosen, setChosen] = useState<Topic>();
  const topic = chosen ?? first;
  return (
    <Dialog title={words.title} size="xl" cancel={words.close} close={close}>
      <div className={styles['help']}>
        <Article topic={topic} takesFocus={chosen !== undefined} />
        <nav className={styles['guide']} aria-label={words.topicsTitle}>
          {groups.map(([group, inGroup]) => (
            <section key={group}>
              <Title order={4}>{words.groups[group]}</Title>
              <ul>
                {inGroup.map((one) => (
                  <li key={one}>
                    <button
                      type="button"
                      aria-current={one === topic ? 'true' : undefined}
                      onClick={() => setChosen(one)}
                    >
                      {topics[one].title}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </nav>
      </div>
    </Dialog>
  );
}

interface ArticleProps {
  readonly topic: Topic;
  /** When the dialog opens, it moves the focus itself, and later knows where to return it. */
  readonly takesFocus: boolean;
}

function Article({ topic, takesFocus }: ArticleProps) {
  const { title, what, steps, wrong } = topics[topic];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [topic, takesFocus]);
  return (
    <article className={styles['topic']}>
      <Title order={3} ref={heading} tabIndex={-1} data-autofocus>
        {title}
      </Title>
      <p>{what}</p>
      <Title order={4}>{words.stepsTitle}</Title>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Title order={4}>{words.wrongTitle}</Title>
      <dl>
        {wrong.map(({ when, then }) => (
          <div key={when}>
            <dt>{when}</dt>
            <dd>{then}</dd>
          </div>
        ))}
      </dl>
      <Shortcuts />
    </article>
  );
}

function Shortcuts() {
  return (
    <details>
      <summary>{words.shortcutsTitle}</summary>
      <table className={styles['keys']}>
        <tbody>
          {shortcuts.map(({ command }) => (
            <tr key={command}>
              <th scope="row">{commandWords[command]}</th>
              <td>
                <Keys keys={shownKeys(command)} />
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">{words.escape}</th>
            <td>
              <Keys keys={['Esc']} />
            </td>
          </tr>
        </tbody>
      </table>
    </details>
  );
}

function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <>
      {keys.map((key, place) => (
        <span key={key}>
          {place > 0 && ' + '}
          <kbd>{key}</kbd>
        </span>
      ))}
    </>
  );
}

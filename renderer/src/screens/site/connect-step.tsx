import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../parts/classes.ts';
import { Mono } from '../../parts/mono.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import styles from './job.module.css';
import { ToJobs } from './obstacles.tsx';
import type { JobContext } from './use-job-facts.ts';

/** Stands among the choices for an address that is typed. */
const typedChoice = '';

/** Which eNB: one that was found, or an address. */
export function ConnectStep({ context: { facts } }: { readonly context: JobContext }) {
  const { job, found } = facts;
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState(facts.address ?? job.address ?? '');
  const [isMissing, setMissing] = useState(false);
  const isFound = (place: string | undefined) => found.some(({ address }) => address === place);
  // Before the person has chosen: the one of last time, the one that says it is the job's, or the first.
  const own = found.find(({ label }) => label.includes(job.serialNumber)) ?? found[0];
  const preferred = isFound(typed) ? typed : (own?.address ?? typedChoice);
  const choice = chosen === typedChoice || (chosen !== undefined && isFound(chosen)) ? chosen : preferred;
  const isTyping = choice === typedChoice;
  const address = isTyping ? typed.trim() : choice;
  const connect = (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(address === '');
    if (address !== '') go({ kind: 'job', id: job.id, step: 'identify', address });
  };
  return (
    <form onSubmit={connect}>
      <Screen
        title={words.connect.title}
        lead={fill(words.connect.lead, { serialNumber: job.serialNumber })}
        secondary={<ToJobs />}
        primary={<Button type="submit">{words.connect.go}</Button>}
      >
        <fieldset className={styles['choices']}>
          <legend>{found.length > 0 ? words.connect.found : words.connect.noneFound}</legend>
          {found.map(({ address: place, label }) => (
            <label key={place} className={styles['choice']}>
              <input type="radio" name="enb" checked={choice === place} onChange={() => setChosen(place)} />
              <span className={styles['choiceText']}>
                <strong>{label}</strong>
                <Mono>{place}</Mono>
              </span>
            </label>
          ))}
          {found.length > 0 && (
            <label className={styles['choice']}>
              <input type="radio" name="enb" checked={isTyping} onChange={() => setChosen(typedChoice)} />
              <span className={styles['choiceText']}>
                <strong>{words.connect.other}</strong>
              </span>
            </label>
          )}
        </fieldset>
        {isTyping && (
          <TextInput
            label={words.connect.address}
            description={words.connect.addressForm}
            value={typed}
            maxLength={300}
            autoComplete="off"
            spellCheck={false}
            error={isMissing && address === '' ? words.connect.addressMissing : undefined}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {found.length === 0 && (
          <Panel title={words.network.whatToCheck}>
            <ol className={cls('list')}>
              {words.connect.check.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ol>
          </Panel>
        )}
      </Screen>
    </form>
  );
}

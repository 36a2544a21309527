import { Button, TextInput } from '@mantine/core';
import { useRef, useState, type SubmitEvent } from 'react';
import type { FoundEnb } from '../../../../preload/contract/index.ts';
import { go } from '../../app/use-route.ts';
import { fill, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { Mono } from '../../components/mono.tsx';
import { Panel, Screen } from '../../components/screen.tsx';
import { useAction } from '../../port/use-call.ts';
import styles from './job.module.css';
import { isNetworkAddress } from './job-pages.ts';
import { ToConnections } from './obstacles.tsx';
import type { JobContext } from './use-job-facts.ts';

/** The value of the choice for a typed address. */
const typedChoice = '';

interface ChooseEnbProps {
  readonly kind: FoundEnb['kind'];
  readonly context: JobContext;
}

/** Which eNB: one that was found, or over Ethernet an address. */
export function ChooseEnb({ kind, context: { facts } }: ChooseEnbProps) {
  const { job } = facts;
  const found = facts.found?.filter((one) => one.kind === kind) ?? [];
  const canType = kind === 'ethernet';
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState([facts.address, job.address].find(isNetworkAddress) ?? '');
  const [isMissing, setMissing] = useState(false);
  const check = useAction('jobs.checkAddress');
  const field = useRef<HTMLInputElement>(null);
  const isFound = (place: string | undefined) => found.some(({ address }) => address === place);
  // Before the user has chosen: the previous one, an address to correct, the eNB that claims to be the job's, or the
  // first.
  const own = found.find(({ label }) => label.includes(job.serialNumber)) ?? found[0];
  const other = isNetworkAddress(facts.address) ? typedChoice : (own?.address ?? typedChoice);
  const preferred = isFound(typed) ? typed : other;
  const choice = chosen === typedChoice || (chosen !== undefined && isFound(chosen)) ? chosen : preferred;
  const isTyping = choice === typedChoice;
  const address = isTyping ? typed.trim() : choice;
  const connect = async (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(address === '');
    // A malformed address is reported here, where it can be corrected.
    const isFit = address !== '' && (!isTyping || (await check.run({ address })).ok);
    if (isFit) go({ kind: 'job', id: job.id, page: 'identify', address });
    else field.current?.focus();
  };
  const { fault } = check;
  const wrong =
    fault &&
    fill(fault.expected === undefined ? words.connect.addressWrong : words.connect.addressUnclear, {
      message: fault.message,
      expected: fault.expected ?? '',
      next: fault.next,
    });
  return (
    <form onSubmit={(event) => void connect(event)}>
      <Screen
        title={words.connect.titles[kind]}
        lead={fill(words.connect.leads[kind], { serialNumber: job.serialNumber })}
        secondary={<ToConnections id={job.id} />}
        primary={<Button type="submit">{words.connect.go}</Button>}
      >
        <fieldset className={styles['choices']}>
          <legend>{found.length > 0 ? words.connect.found : words.connect.noneFound}</legend>
          {found.map(({ address: place, label, needsNoAddress }, index) => (
            <label key={index} className={styles['choice']}>
              <input type="radio" name="enb" checked={choice === place} onChange={() => setChosen(place)} />
              <span className={styles['choiceText']}>
                <strong>{label}</strong>
                {canType && <Mono>{place}</Mono>}
                {needsNoAddress && <span>{words.connect.needsNoAddress}</span>}
              </span>
            </label>
          ))}
          {canType && found.length > 0 && (
            <label className={styles['choice']}>
              <input type="radio" name="enb" checked={isTyping} onChange={() => setChosen(typedChoice)} />
              <span className={styles['choiceText']}>
                <strong>{words.connect.other}</strong>
              </span>
            </label>
          )}
        </fieldset>
        {canType && isTyping && (
          <TextInput
            ref={field}
            label={words.connect.address}
            description={words.connect.addressForm}
            value={typed}
            maxLength={300}
            autoComplete="off"
            spellCheck={false}
            error={isMissing && address === '' ? words.connect.addressMissing : wrong}
            onChange={(event) => {
              check.clear();
              setTyped(event.currentTarget.value);
            }}
          />
        )}
        {canType && found.length === 0 && (
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

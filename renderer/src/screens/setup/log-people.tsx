import { Button } from '@mantine/core';
import { useState } from 'react';
import type { LogView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { NameForm } from '../../components/ask-name.tsx';
import { cls } from '../../components/classes.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Folded, Panel } from '../../components/screen.tsx';
import { useAction, useCall } from '../../port/use-call.ts';

type Person = LogView['people'][number];

/** The name that the log shows for the user, and the names of everyone in it, which can be erased. */
export function LogPeople() {
  const log = useCall('log.get', {}, { topics: ['log'] });
  const [isChanging, setChanging] = useState(false);
  const [erasing, setErasing] = useState<Person>();
  return (
    <Panel
      title={words.person.title}
      aside={
        !isChanging && (
          <Button variant="default" onClick={() => setChanging(true)}>
            {words.person.change}
          </Button>
        )
      }
    >
      <Loaded answer={log}>
        {({ people, isNameDeclared }) => {
          const name = isNameDeclared ? people.find(({ isCurrent }) => isCurrent)?.name : undefined;
          return (
            <>
              <p>{name === undefined ? words.person.account : fill(words.person.current, { name })}</p>
              {isChanging && <NameForm done={() => setChanging(false)} />}
              {people.length > 0 && (
                <Folded title={words.person.people}>
                  <ul className={cls('stack', 'plainList')}>
                    {people.map((person) => (
                      <PersonLine key={person.id} person={person} erase={setErasing} />
                    ))}
                  </ul>
                </Folded>
              )}
            </>
          );
        }}
      </Loaded>
      {erasing && <EraseName person={erasing} close={() => setErasing(undefined)} />}
    </Panel>
  );
}

interface PersonLineProps {
  readonly person: Person;
  readonly erase: (person: Person) => void;
}

function PersonLine({ person, erase }: PersonLineProps) {
  const { id, name, isCurrent } = person;
  if (name === undefined) return <li>{fill(words.person.erasedPerson, { id: id.slice(0, 8) })}</li>;
  return (
    <li className={cls('panelHead')}>
      <span>{isCurrent ? fill(words.person.you, { name }) : name}</span>
      <Button
        variant="default"
        aria-label={fill(words.person.eraseOf, { name })}
        onClick={() => erase(person)}
      >
        {words.person.erase}
      </Button>
    </li>
  );
}

/** Asks before a name is erased, and says what stays. */
function EraseName({ person: { id, name }, close }: { readonly person: Person; readonly close: () => void }) {
  const erase = useAction('log.eraseName');
  const confirm = async () => {
    if ((await erase.run({ person: id })).ok) close();
  };
  return (
    <Dialog title={words.person.eraseTitle} cancel={words.person.keep} close={close}>
      <div className={cls('stack')}>
        <strong>{name}</strong>
        <p>{words.person.eraseText}</p>
        {erase.fault && <FaultPanel fault={erase.fault} />}
        <div className={cls('faultFoot')}>
          <Button variant="default" data-autofocus onClick={close}>
            {words.person.keep}
          </Button>
          <Button variant="stop" loading={erase.isBusy} onClick={() => void confirm()}>
            {words.person.eraseNow}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

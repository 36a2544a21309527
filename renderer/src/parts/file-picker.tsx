import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import type { FileHandle, FileKind } from '../../../preload/contract/index.ts';
import { words } from '../app/words.ts';
import type { Asking } from '../port/shell.ts';
import { useAction, useCall } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { FaultPanel } from './fault-panel.tsx';
import { Icon } from './icons.tsx';
import { Known } from './known.tsx';

/** The page's own dialog for files, in a shell that has none. It shows the folders that the core may look into. */
export function FilePicker({ asking: { kind, settle } }: { readonly asking: Asking }) {
  const [path, setPath] = useState<readonly FileHandle[]>([]);
  const [chosen, setChosen] = useState<readonly FileHandle[]>([]);
  const folder = path.at(-1) ?? null;
  const listing = useCall('files.list', { folder, kind });
  const enter = (next: readonly FileHandle[]) => {
    setPath(next);
    setChosen([]);
  };
  const isFolder = kind === 'output-folder';
  const result = isFolder ? (folder ? [folder] : []) : chosen;
  return (
    <Modal
      opened
      onClose={() => settle([])}
      size="lg"
      title={words.files.titles[kind]}
      closeButtonProps={{ 'aria-label': words.files.cancel }}
    >
      <div className={cls('stack')}>
        <div className={cls('row')}>
          <Button variant="default" disabled={path.length === 0} onClick={() => enter(path.slice(0, -1))}>
            {words.files.up}
          </Button>
          <span>{path.length > 0 ? path.map(({ name }) => name).join(' / ') : words.files.roots}</span>
        </div>
        <Known asked={listing}>
          {({ entries }) => (
            <ul className={cls('entries')}>
              {entries.length === 0 && <li className={cls('entry')}>{words.files.nothing[kind]}</li>}
              {entries.map(({ handle, isFolder: opens }) => (
                <li key={handle.id}>
                  {opens ? (
                    <button type="button" className={cls('entry')} onClick={() => enter([...path, handle])}>
                      <Icon name="folder" />
                      {handle.name}
                    </button>
                  ) : (
                    <FileEntry handle={handle} kind={kind} chosen={chosen} choose={setChosen} />
                  )}
                </li>
              ))}
            </ul>
          )}
        </Known>
        {isFolder && folder && <NewFolder inside={folder} made={(made) => enter([...path, made])} />}
        <div className={cls('faultFoot')}>
          <Button variant="default" onClick={() => settle([])}>
            {words.files.cancel}
          </Button>
          <Button disabled={result.length === 0} onClick={() => settle(result)}>
            {isFolder ? words.files.chooseFolder : words.files.choose}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** Makes a folder in the one that is shown, and goes into it. */
function NewFolder({
  inside,
  made,
}: {
  readonly inside: FileHandle;
  readonly made: (folder: FileHandle) => void;
}) {
  const [name, setName] = useState('');
  const make = useAction('files.makeFolder');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const outcome = await make.run({ folder: inside, name });
    if (!outcome.ok) return;
    setName('');
    made(outcome.value);
  };
  return (
    <form className={cls('stack')} onSubmit={(event) => void submit(event)}>
      <div className={cls('row')}>
        <TextInput
          aria-label={words.files.newFolder}
          placeholder={words.files.newFolder}
          autoComplete="off"
          maxLength={255}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={name === ''} loading={make.isBusy}>
          {words.files.makeFolder}
        </Button>
      </div>
      {make.fault && <FaultPanel fault={make.fault} />}
    </form>
  );
}

/** Bundles are chosen by the handful, everything else one by one. */
function FileEntry({
  handle,
  kind,
  chosen,
  choose,
}: {
  readonly handle: FileHandle;
  readonly kind: FileKind;
  readonly chosen: readonly FileHandle[];
  readonly choose: (chosen: readonly FileHandle[]) => void;
}) {
  const isMany = kind === 'bundles';
  const isChosen = chosen.some(({ id }) => id === handle.id);
  const others = isMany ? chosen.filter(({ id }) => id !== handle.id) : [];
  return (
    <label className={cls('entry')}>
      <input
        type={isMany ? 'checkbox' : 'radio'}
        name="file"
        checked={isChosen}
        onChange={() => choose(isChosen && isMany ? others : [...others, handle])}
      />
      <Icon name="file" />
      {handle.name}
    </label>
  );
}

import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import type { FileHandle, FileKind, Output } from '../../../preload/contract/index.ts';
import { useKept } from '../app/kept.ts';
import { count, fill, words } from '../app/words.ts';
import type { Asking } from '../port/shell.ts';
import { useAction, useCall } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { Dialog } from './dialog.tsx';
import { FaultPanel } from './fault-panel.tsx';
import { Icon } from './icons.tsx';
import { Loaded } from './loaded.tsx';
import { Mono } from './mono.tsx';

/** The page's own dialog for files, in a shell without one. It shows the folders that the core may look into. */
export function FilePicker({ asking: { kind, settle } }: { readonly asking: Asking }) {
  const isFolder = kind === 'output-folder' || kind === 'certificate-folder';
  // Separate for each kind of file: bundles and roots are seldom in the same folder. Each run has a separate folder.
  const [last, keep] = useKept<readonly FileHandle[]>(`files.${kind}`, []);
  const [path, setPath] = useState(isFolder ? [] : last);
  const [isOfLastTime, setOfLastTime] = useState(true);
  const [chosen, setChosen] = useState<readonly FileHandle[]>([]);
  const folder = path.at(-1) ?? null;
  const listing = useCall('files.list', { folder, kind });
  const enter = (next: readonly FileHandle[]) => {
    setPath(next);
    if (!isFolder) keep(next);
    setOfLastTime(false);
    setChosen([]);
  };
  const isGone = isOfLastTime && folder !== null && listing.state === 'fault';
  useEffect(() => {
    if (isGone) enter([]);
    // A core that was started since does not know the folder of last time: falls back once.
  }, [isGone]);
  const result = isFolder ? (folder ? [folder] : []) : chosen;
  return (
    <Dialog title={words.files.titles[kind]} cancel={words.files.cancel} close={() => settle([])}>
      <div className={cls('stack')}>
        <div className={cls('row')}>
          <Button variant="default" disabled={path.length === 0} onClick={() => enter(path.slice(0, -1))}>
            {words.files.up}
          </Button>
          <span>{path.length > 0 ? path.map(({ name }) => name).join(' / ') : words.files.roots}</span>
        </div>
        <Loaded answer={listing}>
          {({ entries }) =>
            folder === null && entries.length === 0 ? (
              <NoFolders />
            ) : (
              <Entries
                entries={entries}
                kind={kind}
                chosen={chosen}
                choose={setChosen}
                settle={settle}
                enter={(next) => enter([...path, next])}
              />
            )
          }
        </Loaded>
        {kind === 'output-folder' && folder && (
          <NewFolder inside={folder} made={(made) => enter([...path, made])} />
        )}
        <div className={cls('faultFoot')}>
          <Button variant="default" onClick={() => settle([])}>
            {words.files.cancel}
          </Button>
          <Button disabled={result.length === 0} onClick={() => settle(result)}>
            {isFolder ? words.files.chooseFolder : words.files.choose}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** The core may look nowhere: explains how to give it a folder. */
function NoFolders() {
  return (
    <div className={cls('stack')}>
      <p>{words.files.noFolders}</p>
      <Mono>{words.files.noFoldersCommand}</Mono>
    </div>
  );
}

interface EntriesProps {
  readonly entries: Output<'files.list'>['entries'];
  readonly kind: FileKind;
  readonly chosen: readonly FileHandle[];
  readonly choose: (chosen: readonly FileHandle[]) => void;
  /** Closes the dialog with the chosen files. */
  readonly settle: (chosen: readonly FileHandle[]) => void;
  readonly enter: (folder: FileHandle) => void;
}

/**
 * The contents of a folder: folders are opened, files chosen. Enter and a double click choose a file and close the
 * dialog.
 */
function Entries({ entries, kind, chosen, choose, settle, enter }: EntriesProps) {
  // Several bundles, heads or certificates are chosen at a time, everything else one by one.
  const isMany = kind === 'bundles' || kind === 'log-heads' || kind === 'enb-certificates';
  const files = entries.filter(({ isFolder }) => !isFolder).map(({ handle }) => handle);
  const clicked = useRef<string>(undefined);
  const withThis = (handle: FileHandle) =>
    isMany ? [...chosen.filter(({ id }) => id !== handle.id), handle] : [handle];
  return (
    <ul className={cls('entries')}>
      {entries.length === 0 && <li className={cls('entry')}>{words.files.nothing[kind]}</li>}
      {isMany && files.length > 1 && (
        <li>
          <label className={cls('entry')}>
            <input
              type="checkbox"
              checked={chosen.length === files.length}
              onChange={() => choose(chosen.length === files.length ? [] : files)}
            />
            {fill(words.files.all, { count: count(files.length) })}
          </label>
        </li>
      )}
      {entries.map(({ handle, isFolder }) => (
        <li key={handle.id}>
          {isFolder ? (
            // The second click of a double click is not meant for the entry that has just appeared under the pointer.
            <button
              type="button"
              className={cls('entry')}
              onClick={({ detail }) => detail <= 1 && enter(handle)}
            >
              <Icon name="folder" />
              {handle.name}
            </button>
          ) : (
            <label
              className={cls('entry')}
              onClick={(event) => {
                if (event.detail > 1) event.preventDefault();
                else clicked.current = handle.id;
              }}
              onDoubleClick={() => clicked.current === handle.id && settle(withThis(handle))}
            >
              <input
                type={isMany ? 'checkbox' : 'radio'}
                name="file"
                checked={chosen.some(({ id }) => id === handle.id)}
                onChange={({ currentTarget }) =>
                  choose(
                    currentTarget.checked ? withThis(handle) : chosen.filter(({ id }) => id !== handle.id),
                  )
                }
                onKeyDown={({ key }) => key === 'Enter' && settle(withThis(handle))}
              />
              <Icon name="file" />
              {handle.name}
            </label>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Makes a folder in the current one, and opens it. */
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

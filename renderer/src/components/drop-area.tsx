import { useState, type DragEvent, type ReactNode } from 'react';
import type { FileHandle, FileKind } from '../../../preload/contract/index.ts';
import { announce } from '../app/announce.tsx';
import { words } from '../app/words.ts';
import { canDrop, handlesOf } from '../port/shell.ts';
import { cls } from './classes.ts';

/** An area to drop files on. It does the same as choosing them in the dialog, and is never the only method. */
export function DropArea({
  kind,
  take,
  children,
}: {
  readonly kind: Extract<FileKind, 'inventory' | 'bundles'>;
  readonly take: (files: readonly FileHandle[]) => void;
  readonly children: ReactNode;
}) {
  const [isOver, setOver] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const refuse = (sentence: string) => {
    setRefusal(sentence);
    announce(sentence);
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length === 0) return;
    if (kind === 'inventory' && files.length > 1) {
      refuse(words.files.oneOnly);
      return;
    }
    const handles = await handlesOf(files);
    if (!handles) {
      refuse(canDrop() ? words.files.notTaken : words.files.cannotDrop);
      return;
    }
    setRefusal(undefined);
    take(handles);
  };
  return (
    <div
      className={cls('dropArea')}
      data-over={isOver && canDrop() ? words.files.dropHere : undefined}
      onDragOver={() => setOver(true)}
      onDragLeave={({ currentTarget, relatedTarget }) =>
        setOver(currentTarget.contains(relatedTarget as Node | null))
      }
      onDrop={(event) => void drop(event)}
    >
      {refusal !== undefined && <p>{refusal}</p>}
      {children}
    </div>
  );
}

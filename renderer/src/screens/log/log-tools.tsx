import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { LogView } from '../../../../preload/contract/index.ts';
import { logKinds } from '../../../../preload/contract/log-kinds.ts';
import { words } from '../../app/words.ts';
import { FilterChips } from '../../components/filter-chips.tsx';
import { cls } from '../../components/classes.ts';
import { filterOf, isFilter, noFilter, type FilterFields } from './log-filter.ts';
import styles from './log.module.css';

interface LogToolsProps {
  readonly fields: FilterFields;
  readonly setFields: (next: FilterFields) => void;
  readonly people: LogView['people'];
}

/** The filter of the log: by text, site, eNB, person, days and kind. */
export function LogTools({ fields, setFields, people }: LogToolsProps) {
  const { log } = words;
  const field = (name: keyof FilterFields) => ({
    label: log.fields[name],
    value: fields[name],
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      setFields({ ...fields, [name]: currentTarget.value }),
  });
  const persons = people.map(({ id, name }) => ({
    value: id,
    label: name ?? `${log.erased} (${id.slice(0, 8)})`,
  }));
  return (
    <section className={cls('stack')} aria-label={log.filter}>
      <div className={styles['fields']}>
        <TextInput {...field('text')} type="search" maxLength={200} />
        <TextInput {...field('site')} maxLength={200} autoComplete="off" />
        <TextInput {...field('serialNumber')} maxLength={200} autoComplete="off" />
        <NativeSelect {...field('person')} data={[{ value: '', label: log.everyone }, ...persons]} />
        <TextInput {...field('from')} type="date" max="9999-12-30" />
        <TextInput {...field('to')} type="date" max="9999-12-30" />
      </div>
      <div className={cls('tools')}>
        <FilterChips
          label={log.fields.kind}
          choices={[
            { id: '', label: log.allKinds, count: undefined },
            ...logKinds.map((id) => ({ id, label: log.kinds[id], count: undefined })),
          ]}
          chosen={fields.kind}
          choose={(kind) => setFields({ ...fields, kind })}
        />
        {isFilter(filterOf(fields)) && (
          <Button variant="default" onClick={() => setFields(noFilter)}>
            {log.clear}
          </Button>
        )}
      </div>
    </section>
  );
}

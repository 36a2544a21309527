import { fault } from '../faults/index.ts';
import { fill, words } from '../words/index.ts';
import { done, failed, type Outcome } from './outcome.ts';
import { withLog, type LogOptions } from './with-log.ts';

const say = words.cli.auditNames;

/** The most characters of a name. */
const mostCharacters = 200;

/** `siteseal audit name`: declares a name; without one, shows the people of the log. */
export function auditName([given]: readonly string[], options: LogOptions): Promise<Outcome> {
  return withLog(options, ({ log: { people } }) => {
    const name = given?.trim();
    if (name === '' || (name?.length ?? 0) > mostCharacters)
      return failed(fault('usage-invalid', { where: { field: 'name' } }));
    if (name !== undefined) people.declare(name);
    const current = people.currentId();
    const all = people.all().map((person) => ({
      id: person.id,
      ...(person.name !== undefined && { name: person.name }),
      current: person.id === current,
    }));
    const lines = all.map((person) =>
      fill(person.current ? say.current : say.person, { id: person.id, name: person.name ?? say.erased }),
    );
    return done({ people: all }, lines);
  });
}

/** `siteseal audit erase-name` */
export function auditEraseName([who = '']: readonly string[], options: LogOptions): Promise<Outcome> {
  return withLog(options, ({ log: { people } }) => {
    const person = people.all().find(({ id, name }) => name !== undefined && (id === who || name === who));
    if (!person) return failed(fault('usage-invalid', { rule: 'person-of-log', found: who }));
    people.erase(person.id);
    return done({ person: person.id }, [fill(say.nameErased, { id: person.id })]);
  });
}

import type { OpenedBundles, RefusedFiles } from '../../preload/contract/index.ts';
import type { AddedJobs } from '../core/index.ts';
import { visibleText, type Fault } from '../faults/index.ts';
import { faultView } from './views.ts';

/** The result of opening bundle files: how many are jobs, and for each cause the files that are not. */
export function openedBundles({ added, refused, ...counts }: AddedJobs): OpenedBundles {
  const groups = Map.groupBy(refused, ({ fault }) => causeOf(fault));
  return {
    added: [...added],
    ...counts,
    refused: withDistinctVendors([...groups.values()].map(refusedFiles)),
  };
}

/** How many files of a group are named. */
const namedFiles = 200;

/** The files of one vendor have one cause. Other facts differ from file to file, such as when a bundle expired. */
function causeOf({ code, rule, where, found, because }: Fault): string {
  return [
    code,
    rule,
    because?.code,
    because?.rule,
    code === 'vendor-not-trusted' && where?.certificate,
    code === 'file-unreadable' && found,
  ].join(' ');
}

/** Two vendors can have roots of the same name. Then the user needs the whole subject. */
function withDistinctVendors(groups: readonly RefusedFiles[]): RefusedFiles[] {
  const byVendor = Map.groupBy(groups, ({ missingRoot }) => missingRoot?.vendor);
  return groups.map((group) => {
    const { missingRoot } = group;
    if (!missingRoot || byVendor.get(missingRoot.vendor)?.length === 1) return group;
    const vendor = `${missingRoot.vendor} (${missingRoot.subject})`;
    return { ...group, missingRoot: { ...missingRoot, vendor } };
  });
}

function refusedFiles(files: readonly AddedJobs['refused'][number][]): RefusedFiles {
  const fault = files.map((file) => file.fault).reduce(common);
  const { code, expected, where } = fault;
  return {
    fault: faultView(fault),
    count: files.length,
    names: files.slice(0, namedFiles).map(({ name }) => name),
    ...(code === 'vendor-not-trusted' &&
      expected !== undefined &&
      where?.certificate !== undefined && {
        missingRoot: { vendor: visibleText(expected), subject: where.certificate },
      }),
  };
}

/** What two faults of one cause have in common. */
function common(one: Fault, other: Fault): Fault {
  const { expected, found, where, because, ...cause } = one;
  const same = <Value>(value: Value | undefined, than: Value | undefined) =>
    value !== undefined && JSON.stringify(value) === JSON.stringify(than);
  const certificate = where?.certificate;
  return {
    ...cause,
    ...(same(expected, other.expected) && { expected }),
    ...(same(found, other.found) && { found }),
    ...(same(because, other.because) && { because }),
    ...(same(certificate, other.where?.certificate) && { where: { certificate } }),
  } as Fault;
}

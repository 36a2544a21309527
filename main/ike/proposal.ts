import {
  algorithmNamed,
  isSameTransform,
  nameOfTransform,
  transformOf,
  transformTypes,
  type Transform,
  type TransformKind,
} from './algorithms.ts';

/** One alternative that an initiator offers: any one algorithm of each kind in it (RFC 7296 section 3.3). */
export interface Proposal {
  /** Its number in the SA payload. By default they are counted from 1. */
  readonly number?: number | undefined;
  readonly transforms: readonly Transform[];
}

/** The algorithms of one kind, in order of preference. */
function ofKind({ transforms }: Proposal, kind: TransformKind): readonly Transform[] {
  return transforms.filter(({ type }) => type === transformTypes[kind]);
}

/**
 * Reads a proposal for IKE in strongSwan's notation, such as `aes128-sha256-ecp256`. Undefined unless it names
 * encryption, a group, and integrity; encryption that protects integrity as well needs a prf in its place.
 */
export function readProposal(text: string): Proposal | undefined {
  const algorithms = text.split('-').map(algorithmNamed);
  const known = algorithms.filter((one) => one !== undefined);
  if (known.length !== algorithms.length) return undefined;
  const encryption = known.filter(({ kind }) => kind === 'encryption');
  const integrity = known.filter(({ kind }) => kind === 'integrity');
  const isAead = encryption.some((one) => one.isAead);
  // RFC 5282 section 8: the two kinds of encryption are never in one proposal.
  if (isAead && encryption.some((one) => !one.isAead)) return undefined;
  const named = known.filter(({ kind }) => kind === 'prf');
  const derived = integrity.flatMap(({ prf }) => (prf === undefined ? [] : (algorithmNamed(prf) ?? [])));
  const prfs = named.length > 0 ? named : derived;
  const groups = known.filter(({ kind }) => kind === 'group');
  const needed = [encryption, prfs, groups, ...(isAead ? [] : [integrity])];
  if (needed.some(({ length }) => length === 0)) return undefined;
  const all = [...encryption, ...prfs, ...(isAead ? [] : integrity), ...groups];
  return { transforms: all.map(transformOf) };
}

/** A proposal in strongSwan's notation. The prf is left out where it follows from the integrity algorithm. */
export function proposalToText(proposal: Proposal): string {
  const names = (kind: TransformKind) => ofKind(proposal, kind).map(nameOfTransform);
  const integrity = names('integrity');
  const prfs = names('prf');
  const derived = integrity.map((name) => algorithmNamed(name)?.prf);
  const isDerived = prfs.length === derived.length && prfs.every((name, index) => name === derived[index]);
  return [...names('encryption'), ...integrity, ...(isDerived ? [] : prfs), ...names('group')].join('-');
}

/** The groups of proposals in their order, each once. */
export function groupsOf(proposals: readonly Proposal[]): readonly number[] {
  return [...new Set(proposals.flatMap((proposal) => ofKind(proposal, 'group').map(({ id }) => id)))];
}

/** The group of a proposal that was chosen; undefined if it has not exactly one. */
export function chosenGroup(proposal: Proposal): number | undefined {
  const groups = ofKind(proposal, 'group');
  return groups.length === 1 ? groups[0]?.id : undefined;
}

/**
 * Whether a choice is possible from what was offered: one algorithm of each kind in one of the proposals, and nothing
 * else (RFC 7296 section 3.3.6).
 */
export function isChoiceFrom(offered: readonly Proposal[], { transforms }: Proposal): boolean {
  return offered.some((proposal) => {
    const types = new Set(proposal.transforms.map(({ type }) => type));
    return (
      transforms.length === types.size &&
      new Set(transforms.map(({ type }) => type)).size === types.size &&
      transforms.every((one) => proposal.transforms.some((other) => isSameTransform(one, other)))
    );
  });
}

/** What a responder chooses by its own preference; undefined if nothing fits. */
export function choose(own: readonly Proposal[], offered: readonly Proposal[]): Proposal | undefined {
  for (const mine of own)
    for (const theirs of offered) {
      const chosen = chooseFrom(mine, theirs);
      if (chosen) return chosen;
    }
  return undefined;
}

function chooseFrom(mine: Proposal, theirs: Proposal): Proposal | undefined {
  const types = (proposal: Proposal) => [...new Set(proposal.transforms.map(({ type }) => type))];
  const [needed, given] = [types(mine), types(theirs)];
  if (needed.length !== given.length) return undefined;
  const transforms = needed.flatMap(
    (type) =>
      mine.transforms.find(
        (one) => one.type === type && theirs.transforms.some((other) => isSameTransform(one, other)),
      ) ?? [],
  );
  return transforms.length === needed.length ? { number: theirs.number, transforms } : undefined;
}

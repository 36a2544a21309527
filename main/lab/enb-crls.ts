import { isUnrestricted, type Acceptance } from '../bundle/index.ts';
import { isNewerCrl, newestOfEachSeries, parseCrl, type Crl } from '../pki/index.ts';
import type { EnbState } from './enb-state.ts';

/** The most CRLs that an eNB keeps, of both kinds together. */
const maximumCrls = 16;

/** The CRLs of an eNB's state. */
export function storedCrls(state: EnbState): {
  readonly crls: readonly Crl[];
  readonly revokingCrls: readonly Crl[];
} {
  return {
    crls: state.crls.flatMap(({ der }) => read(der)),
    revokingCrls: state.revokingCrls.flatMap(read),
  };
}

/**
 * Which CRLs of a bundle an eNB keeps. Lists of an accepted bundle replace older ones of their CA and scope. Lists of
 * a refused bundle are kept separately and can only revoke. They never displace a list, so that nobody on the port can
 * use them to make the eNB forget or refuse anything.
 */
export function keepCrls(
  state: EnbState,
  { accepted, crls }: Pick<Acceptance, 'accepted' | 'crls'>,
): Pick<EnbState, 'crls' | 'revokingCrls'> {
  const stored = state.crls.flatMap(({ der, isUnrestricted }) =>
    read(der).map((crl) => ({ crl, isUnrestricted })),
  );
  const brought = crls.map(({ crl, issuer }) => ({ crl, isUnrestricted: isUnrestricted(issuer) }));
  const counting = accepted ? newest([...stored, ...brought]) : stored;
  const others = [...state.revokingCrls.flatMap(read), ...(accepted ? [] : brought.map(({ crl }) => crl))];
  const revoking = newestOfEachSeries(others).filter(
    (crl) => !counting.some((known) => known.crl.series === crl.series && !isNewerCrl(crl, known.crl)),
  );
  // If there are too many, lists of the vendor's own CAs take precedence over those of CAs that it limits to some
  // eNBs.
  const kept = counting
    .toSorted((a, b) => Number(b.isUnrestricted) - Number(a.isUnrestricted))
    .slice(0, maximumCrls);
  return {
    crls: kept.map(({ crl, isUnrestricted }) => ({ der: write(crl), isUnrestricted })),
    revokingCrls: revoking.slice(0, maximumCrls - kept.length).map(write),
  };
}

interface Kept {
  readonly crl: Crl;
  readonly isUnrestricted: boolean;
}

function newest(lists: readonly Kept[]): readonly Kept[] {
  const crls = newestOfEachSeries(lists.map(({ crl }) => crl));
  return crls.flatMap((crl) => lists.find((list) => list.crl === crl) ?? []);
}

function read(der: string): readonly Crl[] {
  const crl = parseCrl(Buffer.from(der, 'base64'));
  return crl.ok ? [crl.value] : [];
}

function write({ der }: Crl): string {
  return Buffer.from(der).toString('base64');
}

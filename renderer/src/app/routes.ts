import type { Mode } from '../../../preload/contract/index.ts';

/** The pages of a job that have a screen, in order. */
export const pageIds = [
  'connect',
  'ethernet',
  'usb',
  'drives',
  'identify',
  'step-0',
  'drive',
  'carry',
  'step-05',
  'finish',
] as const;
export type PageId = (typeof pageIds)[number];

/** Where the user is. The address bar's hash holds it, so that a reload returns to the same screen. */
export type Route =
  | { readonly kind: 'site' }
  | { readonly kind: 'job'; readonly id: string; readonly page?: PageId; readonly address?: string }
  | { readonly kind: 'report'; readonly id: string }
  | { readonly kind: 'receipts' }
  | { readonly kind: 'office' }
  | { readonly kind: 'prepare' }
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'log' }
  | { readonly kind: 'setup' };

/** The part of the frame that a route belongs to. */
export type Area = 'site' | 'office' | 'log' | 'setup';

/** Where each start choice begins. */
const homes: Readonly<Record<Mode, Route>> = {
  training: { kind: 'site' },
  office: { kind: 'office' },
  site: { kind: 'site' },
  log: { kind: 'log' },
};

/** Where the user's work begins. */
export function homeOf(mode: Mode): Route {
  return homes[mode];
}

/** Whether a hash names no place at all, as in a new window. */
export function isNowhere(hash: string): boolean {
  return /^#?\/?$/.test(hash);
}

/** The area that contains the screen of a route. */
export function areaOf(route: Route): Area {
  switch (route.kind) {
    case 'site':
    case 'job':
    case 'report':
    case 'receipts':
      return 'site';
    case 'office':
    case 'prepare':
    case 'run':
      return 'office';
    default:
      return route.kind;
  }
}

/** The hash of a route, with its `#`. */
export function hashOf(route: Route): string {
  switch (route.kind) {
    case 'job': {
      const page = route.page ? `/${route.page}` : '';
      const address = route.address ? `?address=${encodeURIComponent(route.address)}` : '';
      return `#/site/job/${encodeURIComponent(route.id)}${page}${address}`;
    }
    case 'report':
      return `#/site/report/${encodeURIComponent(route.id)}`;
    case 'receipts':
      return '#/site/receipts';
    case 'prepare':
      return '#/office/prepare';
    case 'run':
      return `#/office/run/${encodeURIComponent(route.id)}`;
    default:
      return `#/${route.kind}`;
  }
}

/** The route of a hash. An unknown hash leads to the site area, where most people work. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [area, kind, id, page] = path.split('/').map(decoded);
  const address = new URLSearchParams(query).get('address');
  if (area === 'site' && kind === 'job' && id) {
    return { kind: 'job', id, ...(isPage(page) && { page }), ...(address && { address }) };
  }
  if (area === 'site' && kind === 'receipts') return { kind: 'receipts' };
  if (area === 'site' && kind === 'report' && id) return { kind: 'report', id };
  if (area === 'office' && kind === 'prepare') return { kind: 'prepare' };
  if (area === 'office' && kind === 'run' && id) return { kind: 'run', id };
  if (area === 'office' || area === 'log' || area === 'setup') return { kind: area };
  return { kind: 'site' };
}

function isPage(text: string | undefined): text is PageId {
  return pageIds.some((page) => page === text);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

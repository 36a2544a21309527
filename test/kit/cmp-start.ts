import { afterEach } from 'node:test';
import { startAuthority, type TestAuthority } from './cmp.ts';

const started: TestAuthority[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.close();
});

/** Like `startAuthority`, for one test: closes the RA/CA after it. */
export async function start(...given: Parameters<typeof startAuthority>): Promise<TestAuthority> {
  const authority = await startAuthority(...given);
  started.push(authority);
  return authority;
}

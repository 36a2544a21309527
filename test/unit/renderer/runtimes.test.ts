import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runtimesIn } from '../../../renderer/src/screens/help/runtimes.ts';

const webkit = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

for (const [userAgent, shown] of [
  [
    `${webkit} Siteseal/0.1.0 Chrome/130.0.6723.191 Electron/33.4.11 Safari/537.36`,
    'Electron 33.4.11, Chromium 130.0.6723.191',
  ],
  [`${webkit} Chrome/156.0.0.0 Safari/537.36`, 'Chromium 156.0.0.0'],
  [`${webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0`, 'Microsoft Edge 156.0.0.0, Chromium 156.0.0.0'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox 150.0'],
  [
    'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    'Safari 26.0',
  ],
  ['curl', ''],
] as const) {
  test(`About names what shows the page: ${shown === '' ? 'nothing it does not know' : shown}`, () => {
    assert.equal(
      runtimesIn(userAgent)
        .map(({ name, version }) => `${name} ${version}`)
        .join(', '),
      shown,
    );
  });
}

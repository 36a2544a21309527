import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '../../../main/bundle/index.ts';
import { differencesOf } from '../../../main/bundle/index.ts';
import { nameOf } from '../../../renderer/src/screens/office/change-names.ts';

test('every value of a configuration that can change has a name', () => {
  const shape = configurationSchema.shape;
  const fixed = ['format', 'bundleId', 'sequence', 'issuedAt', 'sealed'];
  const address = { method: 'static', ipv4: 'a', ipv6: 'b', gateway: 'c' };
  const inner = { method: 'static', addresses: ['a'] };
  const filled = {
    ...Object.fromEntries(Object.keys(shape).map((member) => [member, 'x'])),
    enb: { certificateSha256: 'x' },
    site: all(shape.site),
    operator: all(shape.operator),
    enrolment: { ...all(shape.enrolment), protocol: undefined },
    backhaul: { ...all(shape.backhaul), address },
    securityGateways: [{ ...all(shape.securityGateways.element), inner }],
    initialIpsec: all(shape.initialIpsec),
  };
  for (const member of fixed) Reflect.deleteProperty(filled, member);
  const fields = differencesOf('{}', JSON.stringify(filled)).map(({ field }) => field);
  assert.equal(fields.length, 37);
  for (const field of fields) assert.notEqual(nameOf(field), field);
  assert.equal(nameOf('securityGateways[1].address'), 'Gateway 2: address');
  assert.equal(nameOf('securityGateways[0].later'), 'Gateway 1: later');
  assert.equal(nameOf('later.value'), 'later.value');
});

/** An object with a value for each member of a schema. */
function all({ shape }: { readonly shape: object }): object {
  return Object.fromEntries(Object.keys(shape).map((member) => [member, 'x']));
}

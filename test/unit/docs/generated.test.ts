import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { oids } from '../../../main/asn1/index.ts';
import { configurationSchema, receiptSchema, sealedSchema } from '../../../main/bundle/index.ts';
import { documents, root } from '../../../tools/docs/generate.ts';
import { readVector } from '../../vectors/vector.ts';
import { schemas } from '../../../tools/docs/schemas.ts';

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });

suite('documents that are made from the code', async () => {
  for (const [path, text] of await documents()) {
    test(`${path} is what tools/docs/generate.ts writes now`, () => {
      assert.equal(readFileSync(join(root, path), 'utf8'), text);
    });
  }

  test('no schema is there that is not made any more', () => {
    const files = readdirSync(join(root, 'docs/formats/schemas'));
    assert.deepEqual(
      files.sort(),
      Object.keys(schemas)
        .map((name) => `${name}.schema.json`)
        .sort(),
    );
  });
});

suite('published JSON Schemas', () => {
  const examples = [
    ['configuration', 'example/LAB0001.content.txt', configurationSchema],
    ['sealed', 'example/LAB0001.plaintext.txt', sealedSchema],
    ['receipt', 'example/LAB0001.receipt.txt', receiptSchema],
  ] as const;

  for (const [name, file, ours] of examples) {
    const validate = ajv.compile(schemas[name] ?? false);
    const example = JSON.parse(readVector(file).toString()) as Record<string, unknown>;

    test(`${name} takes the example`, () => {
      assert.equal(validate(example), true, JSON.stringify(validate.errors));
    });

    test(`${name} judges as the program does what lacks a member or has one too many`, () => {
      for (const member of Object.keys(example)) {
        const { [member]: _, ...without } = example;
        assert.equal(validate(without), ours.safeParse(without).success, `without ${member}`);
        const isNull = { ...example, [member]: null };
        assert.equal(validate(isNull), ours.safeParse(isNull).success, `${member} null`);
      }
      assert.equal(validate({ ...example, more: 1 }), false);
    });
  }

  for (const [name, schema] of Object.entries(schemas)) {
    test(`${name} is a schema of draft 2020-12`, () => {
      assert.equal(ajv.validateSchema(schema), true, JSON.stringify(ajv.errors));
    });
  }

  test('operator-profile takes the profile of the example', () => {
    const validate = ajv.compile(schemas['operator-profile'] ?? false);
    const profile: unknown = JSON.parse(readVector('example/operator.json').toString());
    assert.equal(validate(profile), true, JSON.stringify(validate.errors));
  });
});

test('siteseal.asn1 has the object identifiers of the program', () => {
  const module = readFileSync(join(root, 'docs/formats/siteseal.asn1'), 'utf8');
  const arc = /^id-siteseal OBJECT IDENTIFIER ::= \{ ([\d ]+) \}$/m.exec(module)?.[1]?.replaceAll(' ', '.');
  const names = [
    'vendorConfigurationAuthorisation',
    'configurationSigning',
    'training',
    'officeSigning',
  ] as const;
  for (const name of names) {
    const number = new RegExp(
      `^id-siteseal-${name} OBJECT IDENTIFIER ::= \\{ id-siteseal (\\d+) \\}$`,
      'm',
    ).exec(module);
    assert.equal(`${arc}.${number?.[1]}`, oids[name]);
  }
});

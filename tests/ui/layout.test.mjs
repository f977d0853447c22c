/* The pictures' layouts against the models: each model has one, a layout names no tag that its model
 * lacks, and every plate shows what a controller can show. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BOARD = fileURLToPath(new URL('../../scoreboard/src/', import.meta.url));
const plant = (...words) => JSON.parse(execFileSync(process.env.YW_PROGRAM,
    ['plant', ...words, '--json'], { encoding: 'utf8' }));
const models = plant('list').plants.map((one) => one.model).sort();
const layoutOf = (name) => JSON.parse(readFileSync(`${BOARD}mimics/${name}.json`, 'utf8'));
const kinds = /const SYMBOLS = \{([^}]*)\}/.exec(
    readFileSync(`${BOARD}parts/mimic_symbols.js`, 'utf8'))[1].match(/\w+(?=:)/g);

test('every model has a layout, and every layout a model', () => {
    const names = readdirSync(`${BOARD}mimics`).map((file) => file.replace(/\.json$/, '')).sort();
    assert.deepEqual(names, models);
});

for (const model of models) {
    test(`the layout of ${model} is sound`, () => {
        const { tags } = plant('show', model);
        const layout = layoutOf(model);
        const tagOf = (name) => {
            const tag = tags.find((one) => one.name === name);
            assert.ok(tag, `${model} has no tag ${name}`);
            return tag;
        };
        const { pipes = [], wires = [], parts, names, readouts } = layout;
        for (const one of [...pipes, ...wires, ...parts]) {
            [one.tag, one.speed, one.charge].filter((name) => name !== undefined).forEach(tagOf);
        }
        for (const part of parts) {
            assert.ok(kinds.includes(part.is), `no symbol ${part.is}`);
        }
        for (const name of names) {
            assert.match(name.zh, /\S/);
            assert.doesNotMatch(name.en, /\p{Script=Han}|^$/u);
        }
        for (const { tag } of readouts) {
            assert.notEqual(tagOf(tag).at, null, `${tag} is in no register: nobody could show it`);
        }
        assert.equal(new Set(readouts.map(({ tag }) => tag)).size, readouts.length, 'a plate twice');
        assert.ok(readouts.length >= 4);
    });
}

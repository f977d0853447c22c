// What the programs of full images read of their role: the words that the daemon writes
// (orchestrator/drill/range/role.c), and any text without falling over.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';

const require = createRequire(import.meta.url);
const { parse, read } = require('../../vm-images/full/app/role.js');

test('the words of a station', () => {
    const role = parse(`title "水厂 #2 加药" "Water works"
# remark
plc 10.20.2.11 3
pace 250
tag naoh_mg_l "mg/l" input 0 0.1 0 20000 "出水 浓度" "Outlet dose" 0
tag t_c "°C" holding 12 0.01 -20 80 "温度" "Temperature" 2000 # of a mirror
limit naoh_mg_l above 200 2
`);
    assert.deepEqual(role.title, { zh: '水厂 #2 加药', en: 'Water works' });
    assert.deepEqual(role.plc, { address: '10.20.2.11', unit: 3 });
    assert.equal(role.pace, 250);
    assert.deepEqual(role.tags.map((tag) => tag.name), ['naoh_mg_l', 't_c']);
    assert.deepEqual(role.tags[0], { name: 'naoh_mg_l', unit: 'mg/l', table: 'input',
        zh: '出水 浓度', en: 'Outlet dose', address: 0, scale: 0.1, low: 0, high: 20000,
        offset: 0 });
    assert.equal(role.tags[1].offset, 2000);
    assert.equal((1234 - role.tags[1].offset) * role.tags[1].scale, -7.66);
});

test('a machine that was told nothing', () => {
    const nothing = { title: { zh: '', en: '' }, plc: null, pace: 1000, tags: [] };
    assert.deepEqual(parse(''), nothing);
    assert.deepEqual(parse('# nothing\n\nform dosing\n'), nothing);
    assert.deepEqual(read('/no/such/file'), nothing);
});

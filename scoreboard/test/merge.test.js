import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from '../src/merge.js';

/* RFC 7396, appendix A: target, patch, result. */
const CASES = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test('every example of RFC 7396', () => {
    for (const [target, patch, result] of CASES) {
        assert.deepEqual(merge(target, patch), result, JSON.stringify(patch));
    }
});

test('the original is left alone and untouched parts stay the same object', () => {
    const before = { teams: { a: { points: 1 } }, events: { 1: { kind: 'x' } } };
    const kept = structuredClone(before);
    const after = merge(before, { teams: { a: { points: 2 } } });
    assert.deepEqual(before, kept);
    assert.equal(after.events, before.events);
    assert.notEqual(after.teams, before.teams);
});

test('a patch cannot reach a prototype', () => {
    const after = merge({}, JSON.parse('{"__proto__": {"polluted": 1}, "toString": {"x": 1}}'));
    assert.equal(after.polluted, undefined);
    assert.deepEqual(after.toString, { x: 1 });
    assert.equal({}.polluted, undefined);
});

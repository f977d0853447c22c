import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStore } from '../src/store.js';

test('listeners hear once a turn, of the last value', () => {
    const turns = [];
    const heard = [];
    const store = createStore({ n: 0, kept: true }, (fn) => turns.push(fn));
    store.subscribe((value) => heard.push(value.n));
    store.set({ n: 1 });
    store.set({ n: 2 });
    assert.equal(turns.length, 1);
    turns.shift()();
    assert.deepEqual(heard, [2]);
    assert.deepEqual(store.get(), { n: 2, kept: true });
    store.set({ n: 3 });
    turns.shift()();
    assert.deepEqual(heard, [2, 3]);
});

test('an unchanged value wakes nobody, a listener that left hears nothing', () => {
    const turns = [];
    const store = createStore({ n: 1 }, (fn) => turns.push(fn));
    const heard = [];
    const leave = store.subscribe((value) => heard.push(value.n));
    store.set({ n: 1 });
    assert.equal(turns.length, 0);
    store.set({ n: 2 });
    leave();
    turns.shift()();
    assert.deepEqual(heard, []);
});

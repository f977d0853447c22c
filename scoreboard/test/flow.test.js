import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE_HEIGHT, NODE_WIDTH, neighbour, picture, statusByStep, wrap } from '../src/flow.js';

const node = (step, layer, x, type = 'action') => ({ step, type, layer, x });
const edge = (from, to, more) => ({ from, to, by: 'on_completion', value: '', back: false, bends: [],
    ...more });
const LOOP = { layers: 4, width: 100,
    nodes: [node('start', 0, 50, 'start'), node('while', 1, 50, 'while-condition'), node('turn', 2, 0),
        node('end', 2, 100, 'end'), node('deeper', 3, 0)],
    edges: [edge(0, 1), edge(1, 2, { by: 'on_true' }), edge(2, 4), edge(4, 1, { back: true }),
        edge(1, 3, { by: 'done', bends: [] })] };

test('names are broken at blanks and between wide letters, and cut with an ellipsis', () => {
    assert.deepEqual(wrap('Cut off', 100, 2), ['Cut off']);
    assert.deepEqual(wrap('Isolate the intruding host', 100, 2), ['Isolate the', 'intruding…']);
    assert.deepEqual(wrap('控制器或安全仪表是否被触及', 100, 2), ['控制器或安全仪', '表是否被触及']);
    assert.equal(wrap('a very long name that goes on and on', 100, 2).length, 2);
    assert.deepEqual(wrap('', 100, 2), []);
    assert.match(wrap('控制器或安全仪表是否被触及', 100, 1)[0], /…$/);
});

test('nodes stand apart, within the picture, and lines begin and end at them', () => {
    const drawn = picture(LOOP);
    for (const one of drawn.nodes) {
        assert.ok(one.x - NODE_WIDTH / 2 >= 0 && one.x + NODE_WIDTH / 2 <= drawn.width);
        assert.ok(one.y - NODE_HEIGHT / 2 >= 0 && one.y + NODE_HEIGHT / 2 <= drawn.height);
    }
    assert.ok(drawn.nodes[3].x - drawn.nodes[2].x > NODE_WIDTH);
    const [first] = drawn.edges;
    assert.ok(first.path.startsWith(`M${drawn.nodes[0].x} ${drawn.nodes[0].y + NODE_HEIGHT / 2}`));
    assert.equal(drawn.nodes[1].shape, 'fork');
});

test('a way back goes around all that stands beside it', () => {
    const drawn = picture(LOOP);
    const out = Number(/H([\d.]+)Q/.exec(drawn.edges[3].path)[1]);
    assert.ok(out > drawn.nodes[3].x + NODE_WIDTH / 2 && out < drawn.width);
});

test('arrow keys lead to the nearest step that way, and stay when there is none', () => {
    const { nodes } = LOOP;
    assert.equal(neighbour(nodes, 0, 'ArrowDown'), 1);
    assert.equal(neighbour(nodes, 0, 'ArrowUp'), 0);
    assert.equal(neighbour(nodes, 2, 'ArrowRight'), 3);
    assert.equal(neighbour(nodes, 3, 'ArrowRight'), 3);
    assert.equal(neighbour(nodes, 4, 'ArrowUp'), 2);
});

test('of a step that a loop came back to, the last execution counts', () => {
    const found = statusByStep({ 0: { step: 'a', status: 'successfully_executed' },
        10: { step: 'b', status: 'ongoing' }, 9: { step: 'b', status: 'failed' } });
    assert.equal(found.b.status, 'ongoing');
    assert.equal(found.b.times, 2);
    assert.equal(found.a.times, 1);
    assert.deepEqual(statusByStep(undefined), {});
});

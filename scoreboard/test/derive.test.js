import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    changes, chartColumns, drillNowMs, eventsNewestFirst, linesTotal, pointsAt, scaleOf,
    scoreLines, serverNowUs, teamsByRank, viewDiffers,
} from '../src/derive.js';
import { countdown, duration, measure, signed } from '../src/format.js';
import { hrefOf, parseRoute, splitToken } from '../src/route.js';
import { createApi, createAttempt, newKey } from '../src/api.js';

const TEAMS = [
    { key: 'a', name: 'a', index: 0, rank: 2, points: 30, history: { 0: 0, 1000: 30 } },
    { key: 'b', name: 'b', index: 1, rank: 1, points: 80, history: { 0: 0, 70000: 80 } },
];

test('the drill clock runs on by its speed and stands when it is not running', () => {
    const clock = { running: true, speed: 10, drill_ms: 5000, wall_us: 1000000 };
    assert.equal(drillNowMs(clock, 2000000), 15000);
    assert.equal(drillNowMs({ ...clock, running: false }, 2000000), 5000);
    assert.equal(drillNowMs(clock, 500000), 5000);
    assert.equal(drillNowMs(undefined, 1), 0);
});

test('while nothing is heard the clock stands at the last moment heard', () => {
    const session = { connection: 'live', heardMs: 1000, skewUs: 7 };
    assert.equal(serverNowUs(session, 5000000, 4000), 5000007);
    assert.equal(serverNowUs({ ...session, connection: 'stale' }, 5000000, 4000), 2000007);
});

test('points at a time are those of the last step before it', () => {
    assert.equal(pointsAt(TEAMS[0], 999), 0);
    assert.equal(pointsAt(TEAMS[0], 1000), 30);
    assert.equal(pointsAt({ history: undefined }, 5), 0);
});

test('a team that overtook shows it, and only within the window', () => {
    assert.deepEqual(changes(TEAMS, 80000, 60000),
                     { a: { places: -1, points: 0 }, b: { places: 1, points: 80 } });
    assert.deepEqual(changes(TEAMS, 200000, 60000),
                     { a: { places: 0, points: 0 }, b: { places: 0, points: 0 } });
});

test('chart columns share their times, end now and leave the future out', () => {
    assert.deepEqual(chartColumns(TEAMS, 60000), [[0, 1000, 60000], [0, 30, 30], [0, 0, 0]]);
});

test('orders: rank then index, newest event first, newest line first', () => {
    const state = { teams: { x: { rank: 1, index: 3 }, y: { rank: 1, index: 2 } },
                    events: { 9: { seq: 9 }, 10: { seq: 10 } },
                    score_lines: { x: { 1: { points: 5, drill_ms: 1 }, 2: { points: -2, drill_ms: 9 } } } };
    assert.deepEqual(teamsByRank(state).map((team) => team.key), ['y', 'x']);
    assert.deepEqual(eventsNewestFirst(state).map((event) => event.seq), [10, 9]);
    assert.deepEqual(scoreLines(state, 'x').map((line) => line.points), [-2, 5]);
    assert.equal(linesTotal(scoreLines(state, 'x')), 3);
    assert.deepEqual(scoreLines(state, 'nobody'), []);
});

test('a shown value that leaves the truth is told from noise', () => {
    const tag = { low: 0, high: 100, truth: 50, view: 54 };
    assert.equal(viewDiffers(tag, []), false);
    assert.equal(viewDiffers({ ...tag, view: 56 }, []), true);
    assert.equal(viewDiffers({ low: 0, high: 100, view: 56 }, []), false);
    const wide = { low: 0, high: 20000, truth: 400, view: 100 };
    assert.equal(viewDiffers(wide, []), false);
    assert.equal(viewDiffers(wide, [{ above: true, value: 1000 }]), true);
});

test('a gauge draws to beyond its limits and its value, never beyond the instrument', () => {
    const tag = { low: 0, high: 20000, truth: 100, view: 100 };
    const limits = [{ above: true, value: 120 }, { above: true, value: 1000 },
        { above: false, value: 5 }];
    assert.deepEqual(scaleOf(tag, limits), { low: 0, high: 1500 });
    assert.deepEqual(scaleOf({ ...tag, truth: 2000 }, limits), { low: 0, high: 3000 });
    assert.deepEqual(scaleOf({ ...tag, truth: 19000 }, limits), { low: 0, high: 20000 });
    assert.deepEqual(scaleOf(tag, []), { low: 0, high: 20000 });
});

test('times and numbers', () => {
    assert.equal(duration(61999), '01:01');
    assert.equal(duration(3661000), '1:01:01');
    assert.equal(countdown(1), '00:01');
    assert.equal(countdown(-5), '00:00');
    assert.equal(signed('en', -1234), '−1,234');
    assert.equal(signed('zh', 5), '+5');
    assert.equal(measure('en', 0.684, 0, 1.6), '0.68');
    assert.equal(measure('en', 1084.4, 0, 2000), '1,084');
});

test('routes, and a token that leaves the address', () => {
    assert.deepEqual(parseRoute('#/drills/w-1/control'), { view: 'control', drill: 'w-1' });
    assert.deepEqual(parseRoute('#/drills/w-1'), { view: 'wall', drill: 'w-1' });
    assert.deepEqual(parseRoute(''), { view: 'list', drill: null });
    assert.deepEqual(parseRoute('#/drills/../x'), { view: 'list', drill: null });
    assert.deepEqual(parseRoute(`#/drills/${'x'.repeat(65)}`), { view: 'list', drill: null });
    assert.equal(hrefOf('team', 'w'), '#/drills/w/team');
    assert.deepEqual(splitToken('#token=a%2Fb'), { token: 'a/b', rest: '#/' });
    assert.deepEqual(splitToken('#/drills/w/team&token=t-1'),
                     { token: 't-1', rest: '#/drills/w/team' });
    assert.deepEqual(splitToken('#/drills/w'), { token: null, rest: '#/drills/w' });
    assert.deepEqual(splitToken('#token=%zz'), { token: '%zz', rest: '#/' });
});

test('an attempt without an answer keeps its key, an answered one does not', async () => {
    const keys = [];
    const answers = [{ status: 0 }, { status: 409 }, 'ok', 'ok'];
    let next = 0;
    const attempt = createAttempt(() => `key${next += 1}`);
    const post = async (path, body, key) => {
        keys.push(key);
        const answer = answers.shift();
        if (answer !== 'ok') {
            throw answer;
        }
        return answer;
    };
    await assert.rejects(attempt(post, '/x', { a: 1 }));
    await assert.rejects(attempt(post, '/x', { a: 1 }));
    await attempt(post, '/x', { a: 1 });
    await attempt(post, '/x', { a: 2 });
    assert.deepEqual(keys, ['key1', 'key1', 'key2', 'key3']);
    assert.match(newKey((bytes) => bytes.fill(255)), /^(ff){16}$/);
});

test('the API sends token and key, and turns refusals into errors', async () => {
    let seen = null;
    const reply = (status, body) => async (url, options) => {
        seen = { url, options };
        return { ok: status < 300, status, json: async () => body };
    };
    const good = createApi({ token: 'T', fetchFn: reply(200, { ok: true }) });
    assert.deepEqual(await good.post('/p', { a: 1 }, 'K'), { ok: true });
    assert.equal(seen.options.headers.Authorization, 'Bearer T');
    assert.equal(seen.options.headers['Idempotency-Key'], 'K');
    const bad = createApi({ fetchFn: reply(403, { error: { code: 'denied', path: '/r',
                                                           message: 'wrong role' } }) });
    await assert.rejects(bad.post('/p', {}, 'K'),
                         { status: 403, code: 'denied', path: '/r', message: 'wrong role' });
    const dead = createApi({ fetchFn: async () => { throw new TypeError('no network'); } });
    await assert.rejects(dead.get('/p'), { status: 0, code: 'network' });
});

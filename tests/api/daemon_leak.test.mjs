/* What each audience is told, looked for in the bytes of its stream from the first to the last:
 * nothing of another audience is in them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Daemon, Watcher, until } from './daemon.mjs';

const SPEED = 60;
const OWN_REPORT = 'only-quick-and-control-may-read-this';
const ANSWER = '203.0.113.77';
let daemon;
let drill;
let viewers;

before(async () => {
    daemon = await Daemon.start();
    drill = await daemon.create({ speed: SPEED });
    viewers = {
        public: await drill.watch({ keepBytes: true }),
        quick: await drill.watch({ keepBytes: true, token: drill.tokens['blue-quick'] }),
        slow: await drill.watch({ keepBytes: true, token: drill.tokens['blue-slow'] }),
        control: await drill.watch({ keepBytes: true, token: drill.control }),
    };
    await drill.run();
    const question = await drill.question('blue-quick');
    await drill.answer(question, { vars: { tampered: 'true', source: ANSWER } });
    const token = drill.tokens['blue-quick'];
    await drill.post('actions', { machine: 'hmi1', argv: ['operate', 'set-point', '97'] }, { token });
    await drill.post('reports', { text: OWN_REPORT }, { token });
    await until('the jump host to be cut off', async () =>
        (await drill.state()).machines['blue-quick'].jump.link === 'down');
    await drill.verb('end');
    await until('all to hear the end', () => Object.values(viewers)
        .every((viewer) => viewer.state?.drill.phase === 'ended'));
});
after(async () => {
    Object.values(viewers ?? {}).forEach((viewer) => viewer.close());
    await daemon?.close();
});

/* Word → who may hear it. A word that control does not hear would prove nothing. */
const WORDS = [
    ['"attacks"', ['control']],
    ['"story"', ['control']],
    ['"truth"', ['control']],
    ['"field"', ['control']],
    ['raise-dose', ['control']],
    ['T0836', ['control']],
    ['T0846', ['control']],
    ['11100', ['control']],
    ['"jump"', ['control']],
    ['"view"', ['control', 'quick', 'slow']],
    ['"machines"', ['control', 'quick', 'slow']],
    ['"plc1"', ['control', 'quick', 'slow']],
    ['"questions"', ['control', 'quick', 'slow']],
    ['"playbooks"', ['control', 'quick', 'slow']],
    ['"objectives"', ['control', 'quick', 'slow']],
    ['"tags"', ['control', 'quick', 'slow']],
    [OWN_REPORT, ['control', 'quick']],
    [ANSWER, ['control', 'quick']],
    ['set-point 97', ['control', 'quick']],
    ['score_lines', ['control', 'quick', 'slow', 'public']],
];

/* A number counts when it stands alone: 11100 is no part of 111004. */
const says = (text, word) => new RegExp(/^[0-9]+$/.test(word)
    ? `(?<![0-9.])${word}(?![0-9])` : word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).test(text);

test('no word of another audience is in the bytes', () => {
    for (const [word, may] of WORDS) {
        const heard = Object.entries(viewers)
            .filter(([, viewer]) => says(viewer.text(), word)).map(([name]) => name);
        assert.deepEqual(heard.sort(), [...may].sort(), word);
    }
});

test('no token is in the bytes, of any audience', () => {
    const tokens = [drill.control, ...Object.values(drill.tokens)];
    for (const [name, viewer] of Object.entries(viewers)) {
        tokens.forEach((token) => assert.equal(viewer.text().includes(token), false, name));
    }
});

test('a team sees its own part of each object and no other', () => {
    for (const [name, team] of [['quick', 'blue-quick'], ['slow', 'blue-slow']]) {
        const { state, hello } = viewers[name];
        assert.deepEqual([hello.audience, hello.team], ['team', team]);
        for (const part of ['machines', 'plants', 'objectives']) {
            const tagged = Object.entries(state[part])
                .filter(([, one]) => part !== 'plants' || Object.values(one).some((p) => p.tags));
            assert.deepEqual(tagged.map(([key]) => key), [team], part);
        }
        for (const part of ['questions', 'playbooks']) {
            Object.values(state[part] ?? {}).forEach((one) => assert.equal(one.team, team));
        }
        assert.deepEqual(Object.keys(state.teams).sort(), ['blue-quick', 'blue-slow']);
    }
});

test('what the patches add up to is the document that GET gives', async () => {
    const tokens = { public: null, quick: drill.tokens['blue-quick'],
                     slow: drill.tokens['blue-slow'], control: drill.control };
    const still = ({ clock, ...rest }) => rest; /* the clock is as of each document */
    for (const [name, viewer] of Object.entries(viewers)) {
        await until(`${name} to have it all`, async () => {
            const state = await drill.state(tokens[name]);
            return JSON.stringify(viewer.state?.drill) === JSON.stringify(state.drill);
        }, 3000).catch(() => {});
        assert.deepEqual(still(viewer.state), still(await drill.state(tokens[name])), name);
        assert.deepEqual(viewer.broken, [], name);
        assert.equal(viewer.count.snapshot, 1, name);
        assert.ok(viewer.count.patch > 3, name);
    }
});

test('GET gives no more than the stream', async () => {
    for (const [word, may] of WORDS) {
        const text = JSON.stringify(await drill.state(null));
        assert.ok(may.includes('public') || !says(text, word), word);
        const slow = JSON.stringify(await drill.state(drill.tokens['blue-slow']));
        assert.ok(may.includes('slow') || !says(slow, word), word);
    }
    for (const path of ['/plan', '/journal', '/report?lang=en&format=md']) {
        assert.equal((await drill.get(path, null)).status, 401, path);
        assert.equal((await drill.get(path, drill.tokens['blue-slow'])).status, 403, path);
    }
});

test('a wrong token, a token of another drill, an unknown drill: closed, in words of numbers',
     async () => {
    const other = await daemon.create({ speed: SPEED });
    for (const [options, path, code] of [
        [{ token: 'wrong' }, drill.id, 4401],
        [{ token: other.tokens['blue-quick'] }, drill.id, 4401],
        [{ text: 'not json' }, drill.id, 4400],
        [{}, 'water-dosing-000000', 4404],
    ]) {
        const viewer = await Watcher.open(daemon, `/ws/v1/drills/${path}`, options);
        await until('a close', () => viewer.closeCode);
        if (code !== 4400) {
            assert.equal(viewer.closeCode, code);
        }
        assert.equal(viewer.state, null);
        viewer.close();
    }
    await other.verb('down');
});

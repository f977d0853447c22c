/* A recorded drill, water-dosing with two teams: the whole state as control sees it, and the
 * steps that happened to it, by drill time. */
const minutes = (m, s = 0) => (m * 60 + s) * 1000;
export const START_WALL_US = 1795226400000000;
export const LENGTH_MS = minutes(45);

const TEAMS = ['blue-quick', 'blue-slow'];
const t = (zh, en) => ({ zh, en });

const OBJECTIVES = {
    contained: { says: t('切断控制网上的入侵主机', 'Cut the intruder off the control network'),
                 points: 150, fades_to: 40, over_ms: minutes(20), order: 0 },
    restored: { says: t('将加药设定值恢复正常', 'Bring the dose set-point back to normal'),
                points: 100, fades_to: 20, over_ms: minutes(15), order: 1 },
    'water-safe': { says: t('出厂水碱浓度超过 200 mg/l 不得满 2 分钟',
                            'Never more than 200 mg/l of NaOH for 2 minutes'),
                    points: 200, fades_to: 200, over_ms: 0, order: 2 },
};

const TAGS = {
    naoh_mg_l: { order: 0, title: t('出水碱浓度', 'NaOH at the outlet'), unit: 'mg/l',
                 low: 0, high: 20000 },
    flow_m3_h: { order: 1, title: t('流量', 'Flow'), unit: 'm³/h', low: 0, high: 5 },
    level_m: { order: 2, title: t('清水池液位', 'Clear-well level'), unit: 'm', low: 0, high: 1.6 },
    dose_cmd_mg_l: { order: 3, title: t('加药泵出力', 'Dosing pump output'), unit: 'mg/l',
                     low: 0, high: 20000 },
};
const LIMITS = {
    0: { tag: 'naoh_mg_l', above: true, value: 120, level: 1 },
    1: { tag: 'naoh_mg_l', above: true, value: 200, level: 2 },
    2: { tag: 'naoh_mg_l', above: true, value: 1000, level: 5 },
    3: { tag: 'level_m', above: false, value: 0.25, level: 3 },
    4: { tag: 'level_m', above: true, value: 1.2, level: 1 },
};

const MACHINES = {
    plc1: { image: 'plc', addresses: '10.20.2.11/24', hidden: false, plant: 'works' },
    hmi1: { image: 'hmi', addresses: '10.20.2.21/24', hidden: false, plant: '' },
    jump: { image: 'attacker', addresses: '10.20.4.66/24, 10.20.2.66/24', hidden: true, plant: '' },
};

const STEP = 'action--7b3a9c1e-52d4-4a86-9b0f-1f6f8f1d2c3a';
const copy = (value) => JSON.parse(JSON.stringify(value));
const perTeam = (make) => Object.fromEntries(TEAMS.map((name) => [name, make(name)]));

export function opening() {
    return {
        drill: { id: 'water-dosing-1', scenario: 'water-dosing', sector: 'water',
                 title: t('自来水厂加药参数遭篡改', 'Dosing set-point tampering at a water works'),
                 phase: 'running', length_ms: LENGTH_MS, tabletop: false, seq: 40,
                 head: '5c0f'.repeat(16) },
        clock: { running: true, speed: 1, drill_ms: 0, wall_us: START_WALL_US },
        teams: perTeam((name) => ({ index: TEAMS.indexOf(name), name, points: 0, rank: 1, level: 0,
                                    worst_level: 0, history: { 0: 0 } })),
        events: {},
        score_lines: perTeam(() => ({})),
        objectives: perTeam(() => Object.fromEntries(Object.entries(OBJECTIVES).map(
            ([key, one]) => [key, { ...copy(one), state: 'open', met_ms: 0, why: '' }]))),
        machines: perTeam(() => Object.fromEntries(Object.entries(MACHINES).map(
            ([key, one]) => [key, { ...one, state: 'serving', link: 'up' }]))),
        plants: perTeam(() => ({ works: {
            model: 'water-dosing', title: t('碱液加药系统', 'Caustic dosing'), level: 0,
            worst_level: 0, level_tag: '', limits: copy(LIMITS), tags: tagsOf(100, 100) } })),
        questions: {},
        playbooks: {},
        story: perTeam(() => ({ index: 1, verb: 'say', subject: '', since_ms: 0, span_ms: 0,
                                waiting: false, finished: false })),
        attacks: perTeam(() => ({ 'raise-dose': { technique: 'T0836', from: 'jump', to: 'plc1',
                                                  state: 'planned', effect_ms: 0, order: 1 } })),
    };
}

function tagsOf(naoh, dose, view = naoh) {
    const values = {
        naoh_mg_l: [naoh, naoh * 1.004 + 0.3, view], flow_m3_h: [2.45, 2.46, 2.45],
        level_m: [0.68, 0.682, 0.68], dose_cmd_mg_l: [dose, dose * 1.001, dose],
    };
    return Object.fromEntries(Object.entries(TAGS).map(([key, tag]) => [key, {
        ...copy(tag), truth: values[key][0], field: values[key][1], view: values[key][2] }]));
}

/* Changes made to the state; each event takes the next number. */
class Pen {
    constructor(doc, at, wallUs) {
        Object.assign(this, { doc, at, wallUs });
    }

    event(kind, team, words) {
        const seq = this.doc.drill.seq += 1;
        this.doc.events[seq] = { seq, drill_ms: this.at, wall_us: this.wallUs, kind, words,
                                 ...(team ? { team } : {}) };
        for (const old of Object.keys(this.doc.events).slice(0, -50)) {
            delete this.doc.events[old];
        }
        return seq;
    }

    score(team, points, source, subject, reason, events) {
        const lines = this.doc.score_lines[team];
        lines[Object.keys(lines).length + 1] =
            { points, drill_ms: this.at, source, subject, reason, events };
        this.doc.teams[team].points += points;
        this.doc.teams[team].history[this.at] = this.doc.teams[team].points;
        this.rank();
    }

    rank() {
        const teams = Object.values(this.doc.teams);
        for (const team of teams) {
            team.rank = 1 + teams.filter((other) => other.points > team.points).length;
        }
    }

    met(team, name, points, why, causes) {
        const objective = this.doc.objectives[team][name];
        const seq = this.event('objective-met', team, t(`${team} 达成目标“${objective.says.zh}”`,
                                                        `${team} met “${objective.says.en}”`));
        Object.assign(objective, { state: 'met', met_ms: this.at, why });
        this.score(team, points, 'objective', name,
                   t(`达成目标“${objective.says.zh}”`, `Met “${objective.says.en}”`),
                   [seq, ...causes]);
    }

    level(team, level, naoh, dose, view) {
        const plant = this.doc.plants[team].works;
        plant.tags = tagsOf(naoh, dose, view);
        if (plant.level !== level) {
            const row = this.doc.teams[team];
            plant.level = row.level = level;
            plant.worst_level = row.worst_level = Math.max(plant.worst_level, level);
            plant.level_tag = level > 0 ? 'naoh_mg_l' : '';
            const word = [t('恢复正常', 'is back to normal'), t('发出报警', 'raised an alarm'),
                          t('水质超标', 'went off-spec'), 0, 0,
                          t('碱浓度危及安全', 'reached an unsafe dose')][level];
            this.event('plant-level', team, t(`${team} 的碱液加药系统${word.zh}`,
                                              `Caustic dosing of ${team} ${word.en}`));
        }
    }

    story(team, index, verb, subject, span_ms, waiting = true) {
        this.doc.story[team] = { index, verb, subject, since_ms: this.at, span_ms, waiting,
                                 finished: verb === 'finish' };
    }

    ask(team, run) {
        const name = t('研判报警', 'Assess the alarm');
        this.doc.questions[`${run}:${STEP}`] = {
            run, step: STEP, team, role: 'ir_lead', name,
            asks: t('加药设定值是否被人篡改？写入来自哪台主机？',
                    'Was the dose set-point tampered with? Which machine wrote it?'),
            fields: { 0: { name: 'tampered', type: 'bool' }, 1: { name: 'source', type: 'string' } },
            opened_ms: this.at, deadline_ms: this.at + minutes(3), late: false, state: 'open',
        };
        const step = (type, at, zh, en, status) => ({ step: `${type}--${run}`, type,
            name: t(zh, en), status, started_ms: at, ended_ms: at });
        this.doc.playbooks[run] = {
            run, team, playbook: 'first-response', name: t('参数篡改初期处置', 'First response'),
            active: true, ok: false, started_ms: this.at,
            steps: { 0: step('start', this.at, '开始', 'Start', 'successfully_executed'),
                     1: { ...step('action', this.at, name.zh, name.en, 'await_user_input'),
                          step: STEP } },
        };
        this.event('playbook-started', team, t(`${team} 启动预案“参数篡改初期处置”`,
                                               `${team} started the playbook “First response”`));
        this.event('step-started', team, t('请应急指挥研判报警',
                                           'The incident lead is asked to assess the alarm'));
    }

    /* The picture of the run's playbook, as the daemon gives it. */
    chart(run) {
        const node = (step, type, zh, en, layer, x, more) => ({ step, type, name: t(zh, en), layer, x,
            asks: t('', ''), condition: '', deadline_ms: 0, role: '', ...more });
        const edge = (from, to, by) => ({ from, to, by, value: '', back: false, bends: [] });
        return { marking: 'TLP:GREEN', name: t('参数篡改初期处置', 'First response'), layers: 5, width: 100,
            nodes: [node(`start--${run}`, 'start', '开始', 'Start', 0, 50),
                node(STEP, 'action', '研判报警', 'Assess the alarm', 1, 50,
                    { role: 'ir_lead', deadline_ms: minutes(3),
                      asks: t('加药设定值是否被人篡改？', 'Was the dose set-point tampered with?') }),
                node(`if-condition--${run}`, 'if-condition', '是否遭篡改？', 'Was it tampered with?', 2, 50,
                    { condition: '[__tampered__:value = true]' }),
                node(`action--isolate-${run}`, 'action', '隔离跳板机', 'Isolate the jump host', 3, 0),
                node(`end--${run}`, 'end', '结束', 'End', 4, 50)],
            edges: [edge(0, 1, 'on_completion'), edge(1, 2, 'on_success'), edge(2, 3, 'on_true'),
                edge(3, 4, 'on_completion'), { ...edge(2, 4, 'on_false'), bends: [[3, 100]] }] };
    }

    answer(team, run, vars) {
        const question = this.doc.questions[`${run}:${STEP}`];
        Object.assign(question, { state: 'answered', answer: vars, answered_ms: this.at,
                                  answered_by: `team:${team}/ir_lead` });
        const { steps } = this.doc.playbooks[run];
        Object.assign(steps[1], { status: 'successfully_executed', ended_ms: this.at });
        return this.event('step-answered', team, t(`${team} 的应急指挥已研判报警`,
                                                   `The incident lead of ${team} assessed the alarm`));
    }

    isolate(team, run) {
        const { steps } = this.doc.playbooks[run];
        steps[2] = { step: `action--isolate-${run}`, type: 'action', name: t('隔离跳板机',
            'Isolate the jump host'), status: 'successfully_executed', started_ms: this.at,
            ended_ms: this.at };
        Object.assign(this.doc.playbooks[run], { active: false, ok: true });
        this.doc.machines[team].jump.link = 'down';
        return this.event('link-changed', team, t('跳板机的网络已切断',
                                                  'The jump host was cut off the network'));
    }

    attack(team) {
        Object.assign(this.doc.attacks[team]['raise-dose'], { state: 'done', effect_ms: this.at });
    }
}

export const penOf = (doc, at, wallUs) => new Pen(doc, at, wallUs);
export const STEP_ID = STEP;

const both = (fn) => (pen) => TEAMS.forEach((team, index) => fn(pen, team, index));

/* [drill ms, change]: the quick team answers in a minute, the slow one is still asked at 12:00. */
export const STEPS = [
    [0, both((pen, team) => pen.story(team, 2, 'wait', '', minutes(5)))],
    [1000, (pen) => pen.event('said', null, t('早班交接，一切正常。', 'Shift handover. All quiet.'))],
    [minutes(2), (pen) => {
        const seq = pen.event('ruling', 'blue-quick', t('导调裁决：blue-quick +10', 'Ruling: blue-quick +10'));
        pen.score('blue-quick', 10, 'ruling', '', t('交接班记录完整', 'Complete shift log'), [seq]);
        const two = pen.event('ruling', 'blue-slow', t('导调裁决：blue-slow +25', 'Ruling: blue-slow +25'));
        pen.score('blue-slow', 25, 'ruling', '', t('值守台账规范', 'Exemplary watch log'), [two]);
    }],
    [minutes(5), both((pen, team) => {
        pen.attack(team);
        pen.story(team, 3, 'attack', 'raise-dose', 0, false);
    })],
    [minutes(5, 1), both((pen, team) => pen.story(team, 4, 'wait_for', 'contained', minutes(15)))],
    [minutes(5, 40), both((pen, team) => pen.level(team, 1, 138, 1600, 100.2))],
    [minutes(5, 41), both((pen, team, index) => pen.ask(team, 3 + index))],
    [minutes(6, 30), (pen) => {
        const seq = pen.answer('blue-quick', 3, { tampered: 'true', source: '10.20.2.66' });
        const cut = pen.isolate('blue-quick', 3);
        pen.met('blue-quick', 'contained', 138, 'isolated(jump)', [cut, seq]);
    }],
    [minutes(7, 10), (pen) => {
        const seq = pen.event('action-ended', 'blue-quick', t('blue-quick 在 hmi1 将设定值改为 100',
            'blue-quick set the set-point to 100 at hmi1'));
        pen.met('blue-quick', 'restored', 92, 'works.naoh_mg_l < 120', [seq]);
        pen.level('blue-quick', 0, 112, 100, 112);
        pen.level('blue-slow', 2, 268, 4900, 101.4);
    }],
    [minutes(9), (pen) => {
        pen.event('step-late', 'blue-slow', t('blue-slow 迟答“研判报警”', 'blue-slow is late with “Assess the alarm”'));
        pen.doc.questions[`4:${STEP}`].late = true;
        const seq = pen.event('objective-lost', 'blue-slow', t('blue-slow 的出厂水碱浓度超标满 2 分钟',
            'blue-slow sent out off-spec water for 2 minutes'));
        Object.assign(pen.doc.objectives['blue-slow']['water-safe'], { state: 'lost',
            why: 'naoh_mg_l > 200 for 2m' });
        pen.score('blue-slow', -20, 'ruling', '', t('未按时上报', 'Report not filed in time'), [seq]);
    }],
    [minutes(11, 30), (pen) => pen.level('blue-slow', 5, 1084, 11100, 103.8)],
];

/* The state at a drill time, with the seq it had then. */
export function stateAt(ms) {
    const doc = opening();
    for (const [at, change] of STEPS) {
        if (at <= ms) {
            change(penOf(doc, at, START_WALL_US + at * 1000));
        }
    }
    return doc;
}

/* What an audience may see of it. */
export function seenBy(doc, audience, team) {
    const seen = copy(doc);
    if (audience === 'control') {
        return seen;
    }
    delete seen.story;
    delete seen.attacks;
    const own = (map) => (audience === 'team' && map[team] ? { [team]: map[team] } : undefined);
    seen.objectives = own(seen.objectives);
    seen.machines = own(seen.machines);
    for (const key of Object.keys(seen.machines?.[team] ?? {})) {
        if (seen.machines[team][key].hidden) {
            delete seen.machines[team][key];
        }
    }
    for (const [name, plants] of Object.entries(seen.plants)) {
        for (const plant of Object.values(plants)) {
            if (audience === 'team' && name === team) {
                for (const tag of Object.values(plant.tags)) {
                    delete tag.truth;
                    delete tag.field;
                }
            } else {
                delete plant.tags;
                delete plant.limits;
            }
        }
    }
    for (const key of ['questions', 'playbooks']) {
        seen[key] = audience === 'team' ? Object.fromEntries(Object.entries(seen[key])
            .filter(([, one]) => one.team === team)) : undefined;
    }
    for (const [seq, event] of Object.entries(seen.events)) {
        const open = ['ruling', 'objective-met', 'objective-lost', 'plant-level', 'phase-changed'];
        if (!open.includes(event.kind) && (audience === 'public' || event.team !== team) &&
            event.team) {
            delete seen.events[seq];
        }
    }
    return copy(seen);
}

/* The merge patch from one document to the next (RFC 7396). */
export function diff(before, after) {
    const patch = {};
    const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
    for (const key of Object.keys(before)) {
        if (!(key in after)) {
            patch[key] = null;
        }
    }
    for (const [key, value] of Object.entries(after)) {
        if (isObject(before[key]) && isObject(value)) {
            const inner = diff(before[key], value);
            if (Object.keys(inner).length > 0) {
                patch[key] = inner;
            }
        } else if (JSON.stringify(before[key]) !== JSON.stringify(value)) {
            patch[key] = value;
        }
    }
    return patch;
}

/* Facts for the eye, computed from the state document and nothing else. Nothing here decides:
 * points, ranks and levels are the server's. */
export const WINDOW_MS = 60000; /* "the last minute" of the onlooker's own time */

export const sorted = (object, by) => Object.entries(object ?? {})
    .map(([key, value]) => ({ key, ...value }))
    .sort((a, b) => by(a) - by(b) || (a.key < b.key ? -1 : 1));

/* The server's wall clock now; while we do not hear it, the moment when we last did. */
export function serverNowUs(session, wallUs, nowMs) {
    const silence = session.connection === 'live' || session.heardMs === null
        ? 0 : (nowMs - session.heardMs) * 1000;
    return wallUs + session.skewUs - silence;
}

export function drillNowMs(clock, serverUs) {
    if (!clock) {
        return 0;
    }
    const elapsed = clock.running ? Math.max(0, serverUs - clock.wall_us) / 1000 : 0;
    return clock.drill_ms + elapsed * clock.speed;
}

export const teamsInOrder = (state) => sorted(state?.teams, (team) => team.index);

export const teamsByRank = (state) =>
    sorted(state?.teams, (team) => team.rank * 1000 + team.index);

/* [[ms, points], …] by time: the history is a step function. */
export const steps = (team) => Object.entries(team.history ?? {})
    .map(([ms, value]) => [Number(ms), value])
    .sort((a, b) => a[0] - b[0]);

export function pointsAt(team, ms) {
    let value = 0;
    for (const [at, points] of steps(team)) {
        if (at > ms) {
            break;
        }
        value = points;
    }
    return value;
}

/* Competition ranking by the points of then: {name: rank}. */
export function ranksAt(teams, ms) {
    const then = teams.map((team) => ({ name: team.name, points: pointsAt(team, ms) }));
    return Object.fromEntries(then.map((team) => [
        team.name, 1 + then.filter((other) => other.points > team.points).length]));
}

/* What changed within the window: {name: {places, points}}; places > 0 is a rise. */
export function changes(teams, nowMs, windowMs) {
    const since = nowMs - windowMs;
    const before = ranksAt(teams, since);
    return Object.fromEntries(teams.map((team) => [team.name, {
        places: since < 0 ? 0 : before[team.name] - team.rank,
        points: team.points - pointsAt(team, since),
    }]));
}

/* Columns for the chart: shared times and one stepped row a team, up to now. */
export function chartColumns(teams, nowMs) {
    const times = new Set([0, Math.max(0, nowMs)]);
    for (const team of teams) {
        for (const [at] of steps(team)) {
            if (at <= nowMs) {
                times.add(at);
            }
        }
    }
    const axis = [...times].sort((a, b) => a - b);
    return [axis, ...teams.map((team) => axis.map((at) => pointsAt(team, at)))];
}

export const eventsNewestFirst = (state) => sorted(state?.events, (event) => -event.seq);

export const scoreLines = (state, team) =>
    sorted(state?.score_lines?.[team], (line) => -line.drill_ms * 1e6 - Number(line.key));

export const linesTotal = (lines) => lines.reduce((sum, line) => sum + line.points, 0);

/* What runs comes first, the strictest limit on top; then what has ended, the latest on top. */
export function clocksInOrder(clocks) {
    const rank = (clock) => (clock.met_ms !== undefined ? 2e15 - clock.met_ms
        : clock.due_ms ?? 1e15);
    return sorted(clocks, rank);
}

/* Now in the clock of the exercise: drill time, or the wall time since it was declared. */
export function dutyNowMs(state, drillMs, wallUs) {
    return state?.duty?.wall ? state.duty.now_ms + Math.max(0, wallUs - state.clock.wall_us) / 1000
        : drillMs;
}

export const questionsOf = (state, wanted) =>
    sorted(state?.questions, (question) => question.opened_ms).filter(wanted);

/* The part of an instrument's range worth drawing: to somewhat beyond its limits and its value.
 * An instrument that reads to 20 000 would else hide a limit of 120. */
export function scaleOf(tag, limits) {
    const above = limits.filter((limit) => limit.above).map((limit) => limit.value);
    if (above.length === 0) {
        return { low: tag.low, high: tag.high };
    }
    const values = [tag.truth, tag.view].filter(Number.isFinite);
    return { low: tag.low, high: Math.min(tag.high, 1.5 * Math.max(...above, ...values)) };
}

/* The gap between what is and what is shown, in parts of that scale. */
export function viewDiffers(tag, limits, tolerance = 0.05) {
    const { low, high } = scaleOf(tag, limits);
    return Number.isFinite(tag.truth) && Number.isFinite(tag.view) &&
        Math.abs(tag.truth - tag.view) > tolerance * Math.abs(high - low);
}

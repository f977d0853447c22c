/* Points over time: one stepped line a team, named at its end by shape and name. */
import { html, useEffect, useRef } from '../html.js';
import { useBoard, useDrillNow, useWords } from '../board.js';
import { chartColumns, teamsInOrder } from '../derive.js';
import { duration, points } from '../format.js';
import { SHAPE_COUNT, shapePath } from './icon.js';
import UPlot from '../../lib/uplot.js';

/* More lines than this nobody can tell apart: then those in front. */
const LINES_MAX = 6;
const isLeading = (team, place, all) => all.length <= LINES_MAX ||
    all.filter((other) => other.rank < team.rank ||
        (other.rank === team.rank && other.index < team.index)).length < LINES_MAX;

const DASHES = [[], [14, 7], [3, 5], [14, 5, 3, 5], [24, 8], [6, 4], [20, 5, 6, 5], [2, 3]];

const cssValue = (name) => getComputedStyle(document.documentElement).getPropertyValue(name)
    .trim();

/* Names at the ends of the lines, pushed apart where they would overlap. */
function drawEnds(plot, teams, sizePx) {
    const ratio = devicePixelRatio;
    const { ctx } = plot;
    const step = sizePx * 1.35 * ratio;
    const last = plot.data[0].length - 1;
    const x = plot.valToPos(plot.data[0][last], 'x', true);
    const ends = teams
        .map((team, index) => ({ team, y: plot.valToPos(plot.data[index + 1][last], 'y', true) }))
        .sort((a, b) => a.y - b.y);
    for (let i = 1; i < ends.length; i++) {
        ends[i].y = Math.max(ends[i].y, ends[i - 1].y + step);
    }
    const overflow = ends.length > 0
        ? ends[ends.length - 1].y - (plot.bbox.top + plot.bbox.height) : 0;
    ctx.save();
    ctx.font = `600 ${sizePx * ratio}px ${cssValue('--font')}`;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    for (const { team, y } of ends) {
        const at = overflow > 0 ? y - overflow : y;
        const mark = sizePx * 0.8 * ratio;
        ctx.save();
        ctx.translate(x + sizePx * 0.5 * ratio, at - mark / 2);
        ctx.scale(mark / 24, mark / 24);
        ctx.fillStyle = cssValue(`--team-${team.index % SHAPE_COUNT}`);
        ctx.fill(new Path2D(shapePath(team.index)));
        ctx.restore();
        ctx.fillStyle = cssValue('--ink');
        ctx.fillText(team.name, x + sizePx * 1.6 * ratio, at);
    }
    ctx.restore();
}

function optionsOf({ teams, size, sizePx, language, title }) {
    const longest = teams.reduce((most, team) => Math.max(most, team.name.length), 4);
    const axis = {
        stroke: cssValue('--ink-soft'), font: `${sizePx}px ${cssValue('--font')}`,
        grid: { stroke: cssValue('--line'), width: 1 }, ticks: { show: false },
    };
    return {
        ...size,
        title: '',
        legend: { show: false },
        cursor: { show: false },
        padding: [sizePx, Math.min(size.width * 0.35, sizePx * (2.2 + longest * 0.6)), 0, 0],
        scales: {
            x: { time: false },
            y: { range: (plot, low, high) => [Math.min(0, low), Math.max(100, high * 1.12)] },
        },
        axes: [
            { ...axis, size: sizePx * 1.9, gap: sizePx * 0.55, space: sizePx * 5,
              incrs: [1, 2, 5, 10, 20, 30, 60].map((m) => m * 30000),
              values: (plot, ticks) => ticks.map((ms) => duration(ms)) },
            { ...axis, size: sizePx * 3.4, space: sizePx * 2.4,
              values: (plot, ticks) => ticks.map((value) => points(language, value)) },
        ],
        series: [{ label: title }, ...teams.map((team) => ({
            label: team.name, stroke: cssValue(`--team-${team.index % SHAPE_COUNT}`),
            width: Math.max(2, sizePx / 6), dash: DASHES[team.index % DASHES.length],
            paths: UPlot.paths.stepped({ align: 1 }), points: { show: false },
        }))],
        hooks: { draw: [(plot) => drawEnds(plot, teams, sizePx)] },
    };
}

export function Chart({ sizePx = 13 }) {
    const { session, theme } = useBoard();
    const { t, language } = useWords();
    const now = useDrillNow(1000);
    const box = useRef(null);
    const plot = useRef(null);
    const teams = teamsInOrder(session.state).filter(isLeading);
    const columns = chartColumns(teams, now);
    const shape = `${language} ${theme} ${sizePx} ${teams.map((team) => team.name).join(' ')}`;

    useEffect(() => {
        const measure = () => ({ width: box.current.clientWidth, height: box.current.clientHeight });
        plot.current = new UPlot(optionsOf({ teams, size: measure(), sizePx, language,
                                             title: t('chart_minutes') }), columns, box.current);
        const watcher = new ResizeObserver(() => plot.current?.setSize(measure()));
        watcher.observe(box.current);
        return () => {
            watcher.disconnect();
            plot.current.destroy();
            plot.current = null;
        };
    }, [shape]);
    useEffect(() => plot.current?.setData(columns), [Math.round(now / 1000), session.state]);

    const says = teams.map((team) => `${team.name} ${points(language, team.points)}`).join('; ');
    return html`<div class="chart" ref=${box} role="img"
        aria-label=${t('chart_says', { teams: says })}></div>`;
}

/* A tag in a process picture, as an instrument's plate: its title, its value and, under a line,
 * where the value stands between its limits. Control sees the truth, with the view below it. A
 * limit that is crossed puts a badge at the plate's corner: a triangle alarms, a diamond stops or
 * harms; the number is the level. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { scaleOf, viewDiffers } from '../derive.js';
import { measure } from '../format.js';
import { tagLevel } from './gauge.js';

const SMALL_WIDTH = 92;

export const shownValue = (tag) => ('truth' in tag ? tag.truth : tag.view);

export const limitsOf = (plant, name) =>
    Object.values(plant.limits ?? {}).filter((limit) => limit.tag === name);

export const levelOf = (plant, name) =>
    (plant.tags[name] ? tagLevel(plant.tags[name], limitsOf(plant, name)) : 0);

/* Wide enough for its title in either language, so that a picture keeps its places: letters of
 * 14 px, ideographs twice as wide as letters. */
const textWidth = (text) => [...text]
    .reduce((sum, letter) => sum + (/[\p{Script=Han}（），。]/u.test(letter) ? 14 : 7.6), 0);
const DIGITS_MAX = 9; /* counters have a range that nobody reads */

function widthOf(tag) {
    const widest = Math.max(...[tag.low, tag.high].map((end) =>
        measure('en', end, tag.low, tag.high).length));
    const value = 13.4 * Math.min(DIGITS_MAX, widest) + 7 + textWidth(tag.unit);
    return 26 + Math.max(106, textWidth(tag.title.zh), textWidth(tag.title.en), value);
}

const plateSize = (tag, small, both) => (small
    ? { width: SMALL_WIDTH, height: both ? 48 : 28 }
    : { width: widthOf(tag), height: both ? 96 : 74 });

const badge = (level) => (level >= 3 ? 'M0 -15L15 0L0 15L-15 0z' : 'M0 -14L15 12H-15z');

/* The plate's lowest line: the range, the limits on it, a triangle at the value. */
function Range({ tag, limits, width, y }) {
    const { low, high } = scaleOf(tag, limits);
    const x = (value) => (width - 24) * Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    const value = shownValue(tag);
    return html`<g class="plate-range" transform=${`translate(12 ${y})`} aria-hidden="true">
        <path d=${`M0 0H${width - 24}`} />
        ${limits.map((limit) => html`<path class="plate-limit"
            d=${`M${x(limit.value)} ${limit.level >= 3 ? -6 : -3}v${limit.level >= 3 ? 9 : 6}`} />`)}
        ${Number.isFinite(value) && html`<path class="plate-hand"
            d=${`M${x(value)} -1l-5 -8h10z`} />`}</g>`;
}

/* What a screen reader says of it. */
function useSaid({ tag, limits, level, differs }) {
    const { t, said, language } = useWords();
    const text = (value) => (Number.isFinite(value) ? measure(language, value, tag.low, tag.high)
        : t('value_none'));
    const crossed = level > 0 ? `; ${t('level_says', { level, word: t(`level_${level}`) })}` : '';
    const gap = differs ? `; ${t('value_view')} ${text(tag.view)}; ${t('value_differs')}` : '';
    return { text, label: `${said(tag.title)} ${text(shownValue(tag))} ${tag.unit}${crossed}${gap}`,
             limits };
}

export function Readout({ plant, readout }) {
    const { t, said } = useWords();
    const tag = plant.tags[readout.tag];
    const limits = limitsOf(plant, readout.tag);
    const level = tag ? tagLevel(tag, limits) : 0;
    const differs = Boolean(tag) && viewDiffers(tag, limits);
    const { text, label } = useSaid({ tag: tag ?? { title: '', unit: '' }, limits, level, differs });
    if (!tag) {
        return null;
    }
    const { small = false, at: [x, y] } = readout;
    const both = 'truth' in tag;
    const { width, height } = plateSize(tag, small, both);
    return html`<g class=${`readout level-${level}${small ? ' small' : ''}`} role="img"
        tabindex="-1" aria-label=${label} transform=${`translate(${x} ${y})`}
        data-tag=${readout.tag}>
        <rect class="readout-box" width=${width} height=${height} rx="4" />
        ${!small && html`<text class="readout-title" x="12" y="21">${said(tag.title)}</text>`}
        <text class="readout-value" x=${small ? 8 : 12} y=${small ? 20 : 48}>
            ${text(shownValue(tag))}<tspan class="readout-unit" dx="5">${tag.unit}</tspan></text>
        ${both && html`<text class=${`readout-view${differs ? ' differs' : ''}`}
            x=${small ? 8 : 12} y=${small ? 40 : 69}
            >${t('value_view')} ${text(tag.view)}${differs ? ' ≠' : ''}</text>`}
        ${!small && html`<${Range} tag=${tag} limits=${limits} width=${width} y=${height - 8} />`}
        ${level > 0 && html`<g class="badge" transform=${`translate(${width - 4} 2)`}>
            <path d=${badge(level)} /><text y=${level >= 3 ? 5 : 9}>${level}</text></g>`}
    </g>`;
}

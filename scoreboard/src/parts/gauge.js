/* One tag as a bar over the instrument's range with its limits. Control sees three values (the
 * bar is the truth, the tick the field wire, the triangle the view); a team sees the view. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { scaleOf, sorted, viewDiffers } from '../derive.js';
import { measure } from '../format.js';
import { Icon } from './icon.js';

const WIDTH = 300;
const KINDS = ['truth', 'field', 'view'];

const placeOf = ({ low, high }, value) =>
    WIDTH * Math.min(1, Math.max(0, (value - low) / (high - low || 1)));

function Limit({ tag, scale, limit }) {
    const { t, language } = useWords();
    const x = placeOf(scale, limit.value);
    const says = t(limit.above ? 'limit_above' : 'limit_below', {
        value: measure(language, limit.value, tag.low, tag.high), level: t(`level_${limit.level}`),
    });
    return html`<g class=${`limit limit-${limit.level}`}><title>${says}</title>
        <path d=${`M${x} 3v22`} />
        <path class="limit-side" d=${limit.above ? `M${x} 3h7` : `M${x} 3h-7`} /></g>`;
}

function Value({ kind, tag }) {
    const { t, language } = useWords();
    const known = Number.isFinite(tag[kind]);
    return html`<span class=${`value value-${kind}`} title=${t(`value_${kind}_says`)}>
        <span class="label">${t(`value_${kind}`)}</span>
        <b data-value=${kind}>${known ? measure(language, tag[kind], tag.low, tag.high)
            : t('value_none')}</b></span>`;
}

export function Gauge({ tag, limits, now }) {
    const { t, said } = useWords();
    const shown = KINDS.filter((kind) => kind in tag);
    const bar = 'truth' in tag ? tag.truth : tag.view;
    const scale = scaleOf(tag, limits);
    const differs = viewDiffers(tag, limits);
    return html`<li class=${`gauge${differs ? ' gauge-differs' : ''}`} data-tag=${tag.key}>
        <span class="gauge-title">${said(tag.title)}<span class="unit">${tag.unit}</span></span>
        <svg class="gauge-bar" viewBox=${`-8 0 ${WIDTH + 16} 28`} preserveAspectRatio="none"
            aria-hidden="true" focusable="false">
            <rect class="gauge-back" x="0" y="8" width=${WIDTH} height="12" rx="2" />
            ${Number.isFinite(bar) && html`<rect class=${`gauge-fill level-${now}`} x="0" y="8"
                width=${Math.max(2, placeOf(scale, bar))} height="12" rx="2" />`}
            ${limits.map((limit) => html`<${Limit} key=${limit.key} tag=${tag}
                scale=${scale} limit=${limit} />`)}
            ${Number.isFinite(tag.field) && 'truth' in tag && html`<path class="gauge-field"
                d=${`M${placeOf(scale, tag.field)} 6v16`} />`}
            ${Number.isFinite(tag.view) && 'truth' in tag && html`<path class="gauge-view"
                d=${`M${placeOf(scale, tag.view)} 19l-6 8h12z`} />`}
        </svg>
        <span class="gauge-values">${shown.map((kind) => html`<${Value} key=${kind} kind=${kind}
            tag=${tag} />`)}</span>
        ${differs && html`<span class="differs"><${Icon} name="differs" />
            ${t('value_differs')}</span>`}
    </li>`;
}

/* The level that one tag's limits give its value. */
export function tagLevel(tag, limits) {
    const value = 'truth' in tag ? tag.truth : tag.view;
    return limits
        .filter((limit) => (limit.above ? value > limit.value : value < limit.value))
        .reduce((most, limit) => Math.max(most, limit.level), 0);
}

export function Gauges({ plant }) {
    const limits = sorted(plant.limits, (limit) => limit.value);
    return html`<ul class="gauges">
        ${sorted(plant.tags, (tag) => tag.order).map((tag) => {
            const own = limits.filter((limit) => limit.tag === tag.key);
            return html`<${Gauge} key=${tag.key} tag=${tag} limits=${own}
                now=${tagLevel(tag, own)} />`;
        })}</ul>`;
}

/* The process picture of the dosing works, as an operator would draw it: raw water, inlet valve,
 * mixing section with the dosing pump, clear well, town. Other plants show their gauges only. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { viewDiffers } from '../derive.js';
import { measure } from '../format.js';
import { Gauges, tagLevel } from './gauge.js';
import { Level } from './level.js';

const shownValue = (tag) => ('truth' in tag ? tag.truth : tag.view);

const limitsOf = (plant, name) =>
    Object.values(plant.limits ?? {}).filter((limit) => limit.tag === name);

const levelOf = (plant, name) =>
    (plant.tags[name] ? tagLevel(plant.tags[name], limitsOf(plant, name)) : 0);

/* Wide enough for its title: letters of 14 px, ideographs twice as wide as letters. */
const widthOf = (title) => Math.max(186, 24 + [...title]
    .reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 14 : 7.3), 0));

function Readout({ plant, name, x, y }) {
    const { t, said, language } = useWords();
    const tag = plant.tags[name];
    if (!tag) {
        return null;
    }
    const text = (value) => (Number.isFinite(value) ? measure(language, value, tag.low, tag.high)
        : t('value_none'));
    const differs = viewDiffers(tag, limitsOf(plant, name));
    const both = 'truth' in tag;
    return html`<g class=${`readout level-${levelOf(plant, name)}`}
        transform=${`translate(${x} ${y})`} data-tag=${name}>
        <rect class="readout-box" width=${widthOf(said(tag.title))} height=${both ? 82 : 62} rx="6" />
        <text class="readout-title" x="12" y="21">${said(tag.title)}</text>
        <text class="readout-value" x="12" y="49">${text(shownValue(tag))}
            <tspan class="readout-unit" dx="6">${tag.unit}</tspan></text>
        ${both && html`<text class=${`readout-view${differs ? ' differs' : ''}`} x="12" y="72"
            >${t('value_view')} ${text(tag.view)}${differs ? ' ≠' : ''}</text>`}
    </g>`;
}

const Pipe = ({ d, flows }) => html`<path class="pipe" d=${d} />
    <path class=${`pipe-flow${flows ? ' flows' : ''}`} d=${d} />`;

function Well({ tag, level, title }) {
    const value = tag && Number.isFinite(shownValue(tag)) ? shownValue(tag) : 0;
    const part = tag ? Math.min(1, Math.max(0, (value - tag.low) / (tag.high - tag.low || 1))) : 0;
    const top = 300 - 132 * part;
    return html`<g class=${`vessel level-${level}`}>
        <rect class="water" x="612" y=${top} width="176" height=${300 - top} />
        <path class="wave" d=${`M612 ${top}q22 -7 44 0t44 0 44 0 44 0`} />
        <path class="vessel-line" d="M610 158v144h180V158" />
        <text class="part" x="700" y="146">${title}</text></g>`;
}

function DosingWorks({ plant }) {
    const { t, said } = useWords();
    const { flow_m3_h: flow, dose_cmd_mg_l: dose, level_m: level } = plant.tags;
    const flows = flow ? shownValue(flow) > 0.05 : true;
    const doses = dose ? shownValue(dose) > 0.5 : false;
    return html`<svg class="mimic" viewBox="0 0 940 410" role="img"
        aria-label=${t('mimic_says', { title: said(plant.title) })}>
        <${Pipe} d="M10 250H330" flows=${flows} />
        <${Pipe} d="M470 250H612" flows=${flows} />
        <${Pipe} d="M788 270H930" flows=${flows} />
        <${Pipe} d="M148 74H296" flows=${doses} />
        <${Pipe} d="M352 74H400V190" flows=${doses} />
        <text class="part start" x="12" y="226">${t('mimic_raw')}</text>
        <g class="valve"><path d="M196 232v36l40 -36v36z" /><path d="M216 250v-24M204 226h24" /></g>
        <text class="part" x="216" y="212">${t('mimic_valve')}</text>
        <g class="drum"><rect x="68" y="34" width="80" height="92" rx="8" />
            <path d="M68 58h80M68 102h80" /></g>
        <text class="part" x="108" y="152">${t('mimic_chemical')}</text>
        <g class=${`pump${doses ? ' runs' : ''}`}><circle cx="324" cy="74" r="28" />
            <path class="rotor" d="M324 52l17 33h-34z" /></g>
        <text class="part" x="324" y="126">${t('mimic_pump')}</text>
        <g class=${`vessel level-${levelOf(plant, 'naoh_mg_l')}`}>
            <rect class="water" x="332" y="192" width="136" height="116" rx="10" />
            <rect class="vessel-line" x="330" y="190" width="140" height="120" rx="10" />
            <path class="mixer" d="M366 276q34 -34 68 0M366 250q34 -34 68 0" />
            <text class="part" x="400" y="334">${t('mimic_reactor')}</text></g>
        <${Well} tag=${level} level=${levelOf(plant, 'level_m')} title=${t('mimic_tank')} />
        <text class="part end" x="930" y="246">${t('mimic_town')}</text>
        <path class="leader" d="M420 66H352M105 290V256M541 318V256M742 340H700V302" />
        <${Readout} plant=${plant} name="dose_cmd_mg_l" x="420" y="24" />
        <${Readout} plant=${plant} name="flow_m3_h" x="12" y="290" />
        <${Readout} plant=${plant} name="naoh_mg_l" x="486" y="318" />
        <${Readout} plant=${plant} name="level_m" x="742" y="318" />
    </svg>`;
}

const PICTURES = { 'water-dosing': DosingWorks };

export function Plant({ plant }) {
    const { said } = useWords();
    const Picture = plant.tags ? PICTURES[plant.model] : null;
    return html`<div class="plant">
        <div class="plant-head"><h3>${said(plant.title)}</h3>
            <${Level} level=${plant.level} worst=${plant.worst_level} /></div>
        ${Picture && html`<${Picture} plant=${plant} />`}
        ${plant.tags && html`<${Gauges} plant=${plant} />`}
    </div>`;
}

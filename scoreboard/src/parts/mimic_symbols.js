/* The symbols of a process picture, after ISA-5.1 and IEC 60617: a state is told by the form (a
 * shut valve and a closed breaker are filled, what stands is crossed), colour only repeats it. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { measure } from '../format.js';
import { limitsOf, levelOf, shownValue } from './readout.js';

const valueOf = (plant, name) => {
    const tag = name ? plant.tags[name] : null;
    return tag ? shownValue(tag) : NaN;
};

/* true, false, or null when nobody knows. */
function isOn(plant, name, over = 0.01) {
    const value = valueOf(plant, name);
    return Number.isFinite(value) ? value > over : null;
}

const formOf = (on) => (on === null ? 'unknown' : on ? 'on' : 'off');
const place = ({ at: [x, y], turn = 0 }) =>
    `translate(${x} ${y})${turn ? ` rotate(${turn})` : ''}`;

export function Pipe({ plant, pipe }) {
    const flows = pipe.tag ? isOn(plant, pipe.tag, pipe.over) : true;
    return html`<path class="pipe" d=${pipe.d} />
        <path class=${`pipe-flow${flows ? ' flows' : ''}`} d=${pipe.d} />`;
}

export function Wire({ plant, wire }) {
    return html`<path class=${`wire${wire.bus ? ' bus' : ''} ${formOf(isOn(plant, wire.tag,
        wire.over))}`} d=${wire.d} />`;
}

const Arrow = ({ part }) => html`<path class="arrow" transform=${place(part)}
    d="M-6 -11L14 0L-6 11z" />`;

const Lines = ({ part }) => html`<path class="mixer" d=${part.d} />`;

const Roll = ({ part }) => html`<g class="roll" transform=${place(part)}><circle r="12" />
    <path d="M-12 0h24" /></g>`;

const Transformer = ({ part }) => html`<g class="coil" transform=${place(part)}>
    <circle cy="-11" r="17" /><circle cy="11" r="17" /></g>`;

const Valve = ({ plant, part }) => html`
    <g class=${`valve ${formOf(isOn(plant, part.tag, part.over))}`} transform=${place(part)}>
        <path d="M-20 -14v28L20 -14v28z" /><path class="stem" d="M0 0v-20" />
        <path d="M-12 -20a12 11 0 0 1 24 0z" /></g>`;

function Pump({ plant, part }) {
    const form = formOf(isOn(plant, part.tag, part.over));
    return html`<g class=${`pump ${form}`} transform=${place(part)}><circle r="28" />
        <path class="rotor" d="M-14 -18L22 0L-14 18z" /></g>`;
}

function Breaker({ plant, part }) {
    const closed = isOn(plant, part.tag, 0.5);
    return html`<g class=${`breaker ${formOf(closed)}`} transform=${place(part)}>
        <rect x="-11" y="-11" width="22" height="22" />
        ${closed === false && html`<path d="M-15 0h30" />`}</g>`;
}

const Machine = ({ plant, part }) => html`
    <g class=${`machine-circle ${formOf(part.tag ? isOn(plant, part.tag, part.over) : true)}`}
        transform=${place(part)}><circle r=${part.r} />
        <text class="letter" y="8">${part.says}</text></g>`;

function Wheel({ plant, part }) {
    const { r } = part;
    return html`<g class=${`wheel ${formOf(isOn(plant, part.tag, 1))}`} transform=${place(part)}>
        <circle r=${r} /><g class="spokes">
            <path d=${`M${-r} 0H${r}M0 ${-r}V${r}`} /><circle r="12" /></g></g>`;
}

function Flame({ plant, part }) {
    const lit = part.tag ? isOn(plant, part.tag, 0.5) : true;
    return html`<g class=${`flame ${formOf(lit)}`} transform=${place(part)}>
        <path d="M0 30c-24 0 -30 -20 -20 -36c4 8 8 8 9 2c0 -14 4 -22 14 -32c-1 16 4 20 10 28
            c12 16 6 38 -13 38z" />
        ${lit === false && html`<path class="strike" d="M-26 -30L26 30M26 -30L-26 30" />`}</g>`;
}

function Curtain({ plant, part }) {
    const [width, height] = part.size;
    const free = isOn(plant, part.tag, 0.5);
    return html`<g class=${`curtain ${formOf(free)}`} transform=${place(part)}>
        <path class="beams" d=${`M0 0V${height}M${width} 0V${height}`} />
        ${free === false && html`<path class="strike"
            d=${`M${-8} ${height / 2 - 12}l${width + 16} 24m0 -24l${-width - 16} 24`} />`}</g>`;
}

/* The part of a container's height that a tag fills, and the marks of its limits. */
function contents(plant, part) {
    const tag = plant.tags[part.tag];
    if (!tag) {
        return { share: 0.62, marks: [], level: 0 };
    }
    const [low, high] = part.span ?? [tag.low, tag.high];
    const shareOf = (value) => Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    const value = shownValue(tag);
    const marks = limitsOf(plant, part.tag).filter((limit) => limit.value > low &&
        limit.value < high).map((limit) => ({ ...limit, share: shareOf(limit.value) }));
    return { share: Number.isFinite(value) ? shareOf(value) : 0, marks,
             level: levelOf(plant, part.tag) };
}

/* A mark's two lines say that crossing it stops or harms, one line that it alarms. */
const markPath = (width, y, level) => `M${width} ${y}h-16` +
    (level >= 3 ? `M${width} ${y + 4}h-16` : '');

function Container({ plant, part, shape, clip }) {
    const [width, height] = part.size;
    const { share, marks, level } = contents(plant, part);
    const top = height * (1 - share);
    return html`<g class=${`vessel level-${level}`} transform=${place(part)}>
        <g clip-path=${clip}>
            <rect class="vessel-back" width=${width} height=${height} />
            <rect class="water" y=${top} width=${width} height=${height - top} />
            <path class="wave" d=${`M0 ${top}H${width}`} /></g>
        ${marks.map((mark) => html`<path key=${mark.value} class=${`mark mark-${mark.level}`}
            d=${markPath(width, height * (1 - mark.share), mark.level)} />`)}
        ${shape}</g>`;
}

const Tank = ({ plant, part }) => html`<${Container} plant=${plant} part=${part} shape=${html`
    <path class="vessel-line" d=${`M0 0V${part.size[1]}H${part.size[0]}V0`} />`} />`;

function Vessel({ plant, part, id }) {
    const [width, height] = part.size;
    const round = Math.min(width, height) / 4;
    const outline = html`<rect class="vessel-line" width=${width} height=${height} rx=${round} />`;
    return html`<clipPath id=${id}><rect width=${width} height=${height} rx=${round} /></clipPath>
        <${Container} plant=${plant} part=${part} clip=${`url(#${id})`} shape=${outline} />`;
}

/* A state of two words, told by check or cross; what nobody shows is left out. */
function Lamp({ plant, part }) {
    const { said, t } = useWords();
    const tag = plant.tags[part.tag];
    const value = tag ? shownValue(tag) : NaN;
    if (!Number.isFinite(value)) {
        return null;
    }
    const on = value > (part.over ?? 0.5);
    const good = part.good === undefined ? null : on === (part.good === 1);
    const says = `${said(tag.title)} · ${t(on ? 'state_yes' : 'state_no')}`;
    const form = good === null ? (on ? 'yes' : 'no') : (good ? 'good' : 'bad');
    return html`<g class=${`lamp lamp-${form}`} transform=${place(part)} data-tag=${part.tag}
        role="img" tabindex="-1" aria-label=${says}>
        ${form === 'bad' ? html`<path class="lamp-box" d="M16 2L31 28H1z" />`
            : html`<circle class="lamp-box" cx="16" cy="16" r="13" />`}
        <path class="lamp-glyph" d=${{ good: 'M10 16l4 5l8 -10', bad: 'M16 11v8M16 23v.5',
            yes: 'M10 16l4 5l8 -10', no: 'M10 16h12' }[form]} />
        <text x="40" y="21">${says}</text></g>`;
}

const CAR = 'M0 34q0 -12 12 -14l12 -16h44l14 16q14 2 14 14v10h-96z';

function Car({ plant, part }) {
    const { t, said, language } = useWords();
    const speed = plant.tags[part.speed];
    const charge = valueOf(plant, part.charge);
    const value = speed ? shownValue(speed) : NaN;
    const text = Number.isFinite(value) ? measure(language, value, speed.low, speed.high)
        : t('value_none');
    return html`<g class=${`car ${formOf(isOn(plant, part.speed, 0.1))}`} transform=${place(part)}
        data-tag=${part.speed} role="img" tabindex="-1"
        aria-label=${speed ? `${said(speed.title)} ${text} ${speed.unit}` : part.says}>
        <path class="body" d=${CAR} /><circle cx="22" cy="45" r="9" /><circle cx="74" cy="45" r="9" />
        <text class="letter" x="48" y="36">${part.says}</text>
        <text x="108" y="30">${text}<tspan class="readout-unit" dx="4">${speed?.unit}</tspan></text>
        <rect class="gauge-back" x="108" y="40" width="56" height="12" />
        ${Number.isFinite(charge) && html`<rect class="gauge-fill" x="108" y="40"
            width=${56 * Math.min(1, Math.max(0, charge))} height="12" />`}</g>`;
}

const SYMBOLS = {
    arrow: Arrow, breaker: Breaker, car: Car, curtain: Curtain, flame: Flame, lamp: Lamp,
    lines: Lines, machine: Machine, pump: Pump, roll: Roll, tank: Tank, transformer: Transformer,
    valve: Valve, vessel: Vessel, wheel: Wheel,
};
export const SYMBOL_NAMES = Object.keys(SYMBOLS);

export function Part({ plant, part, id }) {
    const Symbol = SYMBOLS[part.is];
    return Symbol ? html`<${Symbol} plant=${plant} part=${part} id=${id} />` : null;
}

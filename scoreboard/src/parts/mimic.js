/* The process picture of a plant, as an operator would draw it. What stands where is data, one
 * file a model in src/mimics; what the values are comes from the state and nothing else. */
import { html, useEffect, useState } from '../html.js';
import { useWords } from '../board.js';
import { Gauges } from './gauge.js';
import { Level } from './level.js';
import { Part, Pipe, Wire } from './mimic_symbols.js';
import { Readout } from './readout.js';

const layouts = new Map(); /* model → promise of its layout; asked for once */

async function fetchLayout(model) {
    const answer = await fetch(new URL(`../mimics/${encodeURIComponent(model)}.json`,
                                       import.meta.url));
    return answer.ok ? answer.json() : null;
}

/* The layout of a model: null until it is there, and for a model without one. */
function useLayout(model) {
    const [found, setFound] = useState({ model: null, layout: null });
    useEffect(() => {
        let left = false;
        if (!layouts.has(model)) {
            layouts.set(model, fetchLayout(model).catch(() => {
                layouts.delete(model); /* asked for again when the picture is next opened */
                return null;
            }));
        }
        layouts.get(model).then((layout) => !left && setFound({ model, layout }));
        return () => {
            left = true;
        };
    }, [model]);
    return found.model === model ? found.layout : null;
}

/* One stop for Tab; the arrows go from plate to plate, as in a grid. */
function walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const stops = [...event.currentTarget.querySelectorAll('[tabindex="-1"]')];
    if (step && stops.length > 0) {
        const now = stops.indexOf(document.activeElement);
        const next = now < 0 && step < 0 ? stops.length - 1 : now + step;
        event.preventDefault();
        stops[(next + stops.length) % stops.length].focus();
    }
}

function Picture({ plant, layout }) {
    const { t, said } = useWords();
    const [width, height] = layout.size;
    const { pipes = [], wires = [], lines = [], leaders = [], parts, names, readouts } = layout;
    return html`<svg class="mimic" viewBox=${`0 0 ${width} ${height}`} role="group" tabindex="0"
        aria-label=${t('mimic_says', { title: said(plant.title) })} data-model=${plant.model}
        onKeyDown=${walk}>
        ${pipes.map((pipe) => html`<${Pipe} plant=${plant} pipe=${pipe} />`)}
        ${wires.map((wire) => html`<${Wire} plant=${plant} wire=${wire} />`)}
        ${lines.map((d) => html`<path class="outline" d=${d} />`)}
        ${leaders.map((d) => html`<path class="leader" d=${d} />`)}
        ${parts.map((part, nth) => html`<${Part} key=${nth} plant=${plant} part=${part}
            id=${`${plant.key}-${nth}`} />`)}
        ${names.map((name) => html`<text class=${`part ${name.anchor ?? ''}`} x=${name.at[0]}
            y=${name.at[1]}>${said(name)}</text>`)}
        ${readouts.map((readout) => html`<${Readout} key=${readout.tag} plant=${plant}
            readout=${readout} />`)}
    </svg>`;
}

export function Plant({ plant }) {
    const { said } = useWords();
    const layout = useLayout(plant.model);
    return html`<div class="plant">
        <div class="plant-head"><h3>${said(plant.title)}</h3>
            <${Level} level=${plant.level} worst=${plant.worst_level} /></div>
        ${plant.tags && layout && html`<${Picture} plant=${plant} layout=${layout} />`}
        ${plant.tags && html`<${Gauges} plant=${plant} />`}
    </div>`;
}

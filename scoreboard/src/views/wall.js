/* The wall: for a projector, 16:9, read from the back of the hall. */
import { html, useEffect, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { Chart } from '../parts/chart.js';
import { Clock, Phase } from '../parts/clock.js';
import { Connection } from '../parts/connection.js';
import { Events } from '../parts/events.js';
import { Ranks } from '../parts/ranks.js';
import { Settings, Views } from '../parts/settings.js';
import { WhyDialog } from '../parts/why.js';

const EVENTS = 5;

/* The wall's unit: one pixel of a 1920 × 1080 projector, as the style sheet has it. */
const unitPx = () => Math.max(0.62, Math.min(innerWidth / 1920, innerHeight / 1080));

function useUnit() {
    const [unit, setUnit] = useState(unitPx());
    useEffect(() => {
        const look = () => setUnit(unitPx());
        addEventListener('resize', look);
        return () => removeEventListener('resize', look);
    }, []);
    return unit;
}

export function WallView() {
    const { session, drill } = useBoard();
    const { t, said } = useWords();
    const [why, setWhy] = useState(null);
    const unit = useUnit();
    const facts = session.state?.drill;
    const live = session.connection === 'live';
    return html`<div class=${`wall${live ? '' : ' wall-old'}`}>
        <header class="wall-head">
            <div class="wall-title"><p class="wall-brand">${t('product')}</p>
                <h1>${facts ? said(facts.title) || facts.scenario : drill}</h1></div>
            ${facts && html`<${Phase} /><${Clock} />`}
        </header>
        <main id="content" tabindex="-1" class="wall-main">
            <section class="wall-ranks" aria-labelledby="wall-ranks"><h2 id="wall-ranks"
                >${t('ranks')}</h2>${facts && html`<${Ranks} onWhy=${setWhy} />`}</section>
            <section class="wall-chart" aria-labelledby="wall-chart"><h2 id="wall-chart"
                >${t('chart')}</h2>${facts && html`<${Chart} sizePx=${28 * unit} />`}</section>
            <section class="wall-events" aria-labelledby="wall-events"><h2 id="wall-events"
                >${t('events')}</h2>${facts && html`<${Events} limit=${EVENTS} />`}</section>
        </main>
        <footer class="wall-foot"><${Connection} /><span class="wall-hint">${t('why_hint')}</span>
            <${Views} drill=${drill} view="wall" /><${Settings} /></footer>
        ${why && session.state && html`<${WhyDialog} team=${why}
            onClose=${() => setWhy(null)} />`}
    </div>`;
}

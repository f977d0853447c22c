/* A team's objectives: what is asked, what it is worth, how it stands and why. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration, points } from '../format.js';
import { Icon } from './icon.js';

const GLYPHS = { open: 'ring', met: 'check', lost: 'cross', missed: 'cross' };
const OVER = ['ended', 'archived'];

export function Objectives({ objectives }) {
    const { t, said, language } = useWords();
    const { session } = useBoard();
    const over = OVER.includes(session.state?.drill?.phase);
    const list = sorted(objectives, (objective) => objective.order);
    if (list.length === 0) {
        return html`<p class="empty">${t('objectives_none')}</p>`;
    }
    const stateOf = ({ state }) => over && state === 'open' ? 'missed' : state;
    return html`<ol class="objectives">${list.map((objective) => html`
        <li key=${objective.key} class=${`objective objective-${stateOf(objective)}`}
            data-objective=${objective.key}>
            <span class="state"><${Icon} name=${GLYPHS[stateOf(objective)] ?? 'ring'} />
                ${t(`objective_${stateOf(objective)}`)}</span>
            <span class="objective-says">${said(objective.says)}
                ${objective.state === 'met' && Number.isFinite(objective.met_ms) &&
                    html`<span class="label">${t('objective_met_at',
                        { time: duration(objective.met_ms) })}</span>`}</span>
            <span class="objective-points"><b>${points(language, objective.points)}</b>
                ${objective.over_ms > 0 && html`<span class="label">
                    ${t('objective_fades', { points: objective.fades_to })}</span>`}</span>
        </li>`)}</ol>`;
}

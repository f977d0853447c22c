/* Why a team has its points: every score line with the events that caused it. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { linesTotal, scoreLines } from '../derive.js';
import { duration, points, signed } from '../format.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';

export function Causes({ events }) {
    const { t } = useWords();
    return html`<span class="causes" aria-label=${t('why_causes')}>
        ${(events ?? []).map((seq) => html`<span key=${seq} class="seq"
            title=${t('event_number', { seq })}>${`#${seq}`}</span>`)}</span>`;
}

function Line({ line }) {
    const { t, said, language } = useWords();
    const { session } = useBoard();
    const known = (line.events ?? []).map((seq) => session.state.events?.[seq]).filter(Boolean);
    return html`<li class="why-line">
        <span class=${`why-points ${line.points < 0 ? 'minus' : 'plus'}`}
            >${signed(language, line.points)}</span>
        <div class="why-text">
            <p class="why-reason">${said(line.says) || said(line.reason)}</p>
            ${line.says && html`<p class="why-how">${said(line.reason)}</p>`}
            <p class="why-meta"><${Icon} name=${line.source === 'ruling' ? 'gavel' : 'flag'} />
                ${t(`source_${line.source}`)}<span class="time">${duration(line.drill_ms)}</span>
                <${Causes} events=${line.events} /></p>
            ${known.length > 0 && html`<ul class="why-events" aria-label=${t('why_known')}>
                ${known.map((event) => html`<li key=${event.seq}><span class="seq"
                    >${`#${event.seq}`}</span> ${said(event.words)}</li>`)}</ul>`}
        </div></li>`;
}

export function WhyLines({ team }) {
    const { t, language } = useWords();
    const { session } = useBoard();
    const lines = scoreLines(session.state, team);
    if (lines.length === 0) {
        return html`<p class="empty">${t('why_empty')}</p>`;
    }
    return html`<ol class="why-lines">
        ${lines.map((line) => html`<${Line} key=${line.key} line=${line} />`)}</ol>
        <p class="why-total"><span>${t('why_total')}</span>
            <b>${points(language, linesTotal(lines))}</b></p>`;
}

export function WhyDialog({ team, onClose }) {
    const { t } = useWords();
    return html`<${Dialog} title=${t('why_of', { team })} onClose=${onClose} className="why">
        <${WhyLines} team=${team} /></${Dialog}>`;
}

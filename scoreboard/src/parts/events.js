/* The last things that happened, newest first. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { eventsNewestFirst } from '../derive.js';
import { duration } from '../format.js';
import { Icon, TeamMark, TeamName } from './icon.js';

const GLYPHS = {
    'phase-changed': 'play', 'clock-changed': 'clock', 'machine-state': 'server',
    'link-changed': 'unlink', 'attack-started': 'attack', 'attack-ended': 'attack', said: 'say',
    'plant-level': 'alarm', 'playbook-started': 'book', 'playbook-ended': 'book',
    'step-started': 'question', 'step-answered': 'person', 'step-late': 'clock',
    'step-ended': 'check', 'action-ordered': 'screen', 'action-ended': 'screen',
    'report-filed': 'report', 'objective-met': 'flag', 'objective-lost': 'cross',
    ruling: 'gavel', 'platform-fault': 'alarm', recovered: 'again',
};

/* Most sentences name their team: then its mark is enough. */
function Whose({ event, words }) {
    const { session } = useBoard();
    const team = session.state.teams?.[event.team];
    return words.includes(event.team)
        ? html`<span class="team-name" title=${event.team}><${TeamMark}
            index=${team?.index ?? 0} /></span>`
        : html`<${TeamName} name=${event.team} team=${team} />`;
}

export function Events({ limit = 50, hideTeam = false }) {
    const { session } = useBoard();
    const { t, said } = useWords();
    const events = eventsNewestFirst(session.state).slice(0, limit);
    if (events.length === 0) {
        return html`<p class="empty">${t('events_empty')}</p>`;
    }
    return html`<ol class="events" role="log" aria-label=${t('events')} tabindex="0">
        ${events.map((event) => html`
            <li key=${event.seq} class=${`event event-${event.kind}`} data-seq=${event.seq}>
                <span class="time" title=${t('time_at', { time: duration(event.drill_ms) })}
                    >${duration(event.drill_ms)}</span>
                <${Icon} name=${GLYPHS[event.kind] ?? 'ring'} />
                <span class="event-words">${said(event.words)}</span>
                ${event.team && !hideTeam && html`<${Whose} event=${event}
                    words=${said(event.words)} />`}
                <span class="seq" title=${t('event_number', { seq: event.seq })}
                    >${`#${event.seq}`}</span>
            </li>`)}</ol>`;
}

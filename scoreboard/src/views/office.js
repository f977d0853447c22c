/* An office above the enterprises: what they reported to it, its own clocks and faults. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { sorted, teamsInOrder } from '../derive.js';
import { DutyClocks, DutyFaults } from '../parts/duty.js';
import { Events } from '../parts/events.js';
import { Head, Panel } from '../parts/head.js';
import { TeamName } from '../parts/icon.js';
import { Inbox } from '../parts/inbox.js';
import { Playbooks } from '../parts/playbooks.js';
import { Questions } from '../parts/questions.js';
import { WarnForm } from '../parts/warn.js';

export function OfficeView({ name }) {
    const { session } = useBoard();
    const { t } = useWords();
    const { state } = session;
    const teams = teamsInOrder(state);
    return html`<div class="page office">
        <${Head} view="office"><p class="office-name">${t(`tier_${name}`)}</p></${Head}>
        <main id="content" tabindex="-1" class="team-columns">
            <div class="team-main">
                <${Panel} title=${t('questions_mine')} id="o-questions" className="urgent">
                    <${Questions} of=${(question) => question.office === name} /></${Panel}>
                ${state.duty && teams.map((team) => html`<${Panel} key=${team.key}
                title=${t('inbox')} id=${`o-inbox-${team.key}`}
                aside=${html`<${TeamName} team=${team} name=${team.name} />`}>
                <${Inbox} team=${team.name} office=${name} />
                <${DutyClocks} team=${team.name} />
                <${DutyFaults} team=${team.name} appeals=${false} /></${Panel}>`)}</div>
            <div class="team-side">
                ${state.duty && html`<${Panel} title=${t('warn')} id="o-warn">
                    <${WarnForm} office=${name} /></${Panel}>`}
                <${Panel} title=${t('playbooks')} id="o-playbooks">
                    <${Playbooks} runs=${sorted(state.playbooks, (run) => -run.run)} /></${Panel}>
                <${Panel} title=${t('events')} id="o-events"><${Events} limit=${20} /></${Panel}>
            </div></main></div>`;
}

/* A team's place: what is asked of it now, what it sees of its works, what it can do. */
import { html, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { points } from '../format.js';
import { DutyClocks, DutyFaults, DutyMerits } from '../parts/duty.js';
import { Events } from '../parts/events.js';
import { Head, Panel } from '../parts/head.js';
import { TeamName } from '../parts/icon.js';
import { Inbox } from '../parts/inbox.js';
import { Level } from '../parts/level.js';
import { Machines } from '../parts/machines.js';
import { Plant } from '../parts/mimic.js';
import { Objectives } from '../parts/objectives.js';
import { Operate } from '../parts/operate.js';
import { Questions } from '../parts/questions.js';
import { Report } from '../parts/report.js';
import { MarkForm, ReportForm } from '../parts/report_form.js';
import { WhyDialog } from '../parts/why.js';

function Standing({ team, onWhy }) {
    const { t, language } = useWords();
    return html`<div class="standing"><${TeamName} team=${team} name=${team.name} />
        <${Level} level=${team.level} worst=${team.worst_level} />
        <button type="button" class="team-points" aria-haspopup="dialog" onClick=${onWhy}
            title=${t('why_open', { team: team.name })}>
            <b>${points(language, team.points)}</b>
            <span class="label">${t('rank_nth', { rank: team.rank })}</span></button></div>`;
}

export function TeamView({ name }) {
    const { session } = useBoard();
    const { t } = useWords();
    const [why, setWhy] = useState(false);
    const { state } = session;
    const team = state.teams?.[name];
    const plants = sorted(state.plants?.[name], () => 0).filter((plant) => plant.tags);
    return html`<div class="page team">
        <${Head} view="team">${team && html`<${Standing} team=${team}
            onWhy=${() => setWhy(true)} />`}</${Head}>
        <main id="content" tabindex="-1" class="team-columns">
            <div class="team-main">
                <${Panel} title=${t('questions_mine')} id="t-questions" className="urgent">
                    <${Questions} of=${(question) => question.team === name} /></${Panel}>
                ${state.duty && html`<${Panel} title=${t('duty_clocks')} id="t-duty">
                    <${DutyClocks} team=${name} /><${DutyFaults} team=${name} />
                    <${DutyMerits} team=${name} /></${Panel}>`}
                <${Panel} title=${t('plant_hmi')} id="t-plant">
                    ${plants.length === 0 && html`<p class="empty">${t('plant_none')}</p>`}
                    ${plants.map((plant) => html`<${Plant} key=${plant.key} plant=${plant} />`)}
                </${Panel}>
                <${Panel} title=${t('objectives')} id="t-objectives">
                    <${Objectives} objectives=${state.objectives?.[name]} /></${Panel}>
            </div>
            <div class="team-side">
                ${state.duty && html`<${Panel} title=${t('inbox')} id="t-inbox">
                    <${Inbox} team=${name} mine /></${Panel}>
                <${Panel} title=${t('report_law')} id="t-report-law">
                    <${MarkForm} /><${ReportForm} /></${Panel}>`}
                <${Panel} title=${t('operate')} id="t-operate">
                    <${Operate} /></${Panel}>
                <${Panel} title=${t('report')} id="t-report"><${Report} /></${Panel}>
                <${Panel} title=${t('machines')} id="t-machines">
                    <${Machines} machines=${state.machines?.[name]} team=${name} /></${Panel}>
                <${Panel} title=${t('events')} id="t-events"><${Events} limit=${20} hideTeam />
                </${Panel}>
            </div></main>
        ${why && html`<${WhyDialog} team=${name} onClose=${() => setWhy(false)} />`}
    </div>`;
}

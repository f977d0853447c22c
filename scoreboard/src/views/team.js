/* A team's place: what is asked of it now, what it sees of its works, what it can do. */
import { html, useEffect, useRef, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { questionsOf, sorted } from '../derive.js';
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
import { ConfirmForm, QuestionCard, QuestionForm } from '../parts/question.js';
import { Report } from '../parts/report.js';
import { MarkForm, ReportForm } from '../parts/report_form.js';
import { WhyDialog } from '../parts/why.js';

/* A new question takes the focus unless somebody is typing elsewhere; an answered one hands it
 * to the next, or to the heading when there is none. */
function Questions({ name }) {
    const { session } = useBoard();
    const { t } = useWords();
    const box = useRef(null);
    const [sent, setSent] = useState([]);
    const mine = questionsOf(session.state, (question) => question.team === name);
    const open = mine.filter((one) => one.state === 'open' && one.role !== 'excon' &&
        (one.sent_back || !sent.includes(one.key)));
    const confirming = mine.filter((one) => one.state === 'confirming');
    const done = mine.filter((one) => !['open', 'confirming'].includes(one.state)).reverse();
    const first = open[0]?.key;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '') &&
        !box.current?.contains(document.activeElement);
    useEffect(() => {
        if (sent.length > 0 && !first) {
            box.current?.focus();
        }
    }, [first, sent.length]);
    return html`<div class="questions" ref=${box} tabindex="-1" aria-label=${t('questions_mine')}
        role="group">
        ${open.length === 0 && html`<p class="empty" role="status">${t('questions_none')}</p>`}
        <ul>${open.map((question) => html`<${QuestionForm} key=${question.key}
            question=${question} focus=${question.key === first && !typing}
            onSent=${(one) => setSent((old) => [...old, one.key])} />`)}
            ${confirming.map((question) => html`<${ConfirmForm} key=${question.key}
                question=${question} />`)}</ul>
        ${done.length > 0 && html`<h3 class="subhead">${t('questions_done')}</h3>
            <ul class="question-cards">${done.map((question) => html`<${QuestionCard}
                key=${question.key} question=${question} />`)}</ul>`}
    </div>`;
}

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
                    <${Questions} name=${name} /></${Panel}>
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
                    <${Operate} machines=${state.machines?.[name]} /></${Panel}>
                <${Panel} title=${t('report')} id="t-report"><${Report} /></${Panel}>
                <${Panel} title=${t('machines')} id="t-machines">
                    <${Machines} machines=${state.machines?.[name]} team=${name} /></${Panel}>
                <${Panel} title=${t('events')} id="t-events"><${Events} limit=${20} hideTeam />
                </${Panel}>
            </div></main>
        ${why && html`<${WhyDialog} team=${name} onClose=${() => setWhy(false)} />`}
    </div>`;
}

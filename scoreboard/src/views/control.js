/* Control: what the story does to every team, what they must answer, and the reins. */
import { html, useState } from '../html.js';
import { Board, useBoard, usePoll, useWords } from '../board.js';
import { questionsOf, sorted, teamsInOrder } from '../derive.js';
import { points } from '../format.js';
import { Attacks } from '../parts/attacks.js';
import { Captures } from '../parts/captures.js';
import { Conduct } from '../parts/conduct.js';
import { DutyClocks, DutyFaults, DutyMerits } from '../parts/duty.js';
import { Events } from '../parts/events.js';
import { Head, Panel } from '../parts/head.js';
import { Hosts } from '../parts/hosts.js';
import { TeamName } from '../parts/icon.js';
import { Inbox } from '../parts/inbox.js';
import { Level } from '../parts/level.js';
import { Machines } from '../parts/machines.js';
import { Plant } from '../parts/mimic.js';
import { Notices } from '../parts/notices.js';
import { Objectives } from '../parts/objectives.js';
import { Playbooks } from '../parts/playbooks.js';
import { RunDesk } from '../parts/run_desk.js';
import { QuestionCard, QuestionForm } from '../parts/question.js';
import { Checkpoints } from '../parts/points.js';
import { Ruling } from '../parts/ruling.js';
import { StoryLine } from '../parts/story.js';
import { WarnForm } from '../parts/warn.js';
import { WhyDialog } from '../parts/why.js';

function TeamRow({ team, chosen, onChoose, onWhy }) {
    const { t, language } = useWords();
    return html`<li class=${`team-row${chosen ? ' chosen' : ''}`} data-team=${team.name}>
        <button type="button" class="team-choose" aria-pressed=${chosen}
            onClick=${() => onChoose(team.name)}>
            <${TeamName} team=${team} name=${team.name} />
            <${Level} level=${team.level} worst=${team.worst_level} compact /></button>
        <${StoryLine} team=${team.name} />
        <button type="button" class="team-points" onClick=${() => onWhy(team.name)}
            aria-haspopup="dialog" title=${t('why_open', { team: team.name })}>
            <b>${points(language, team.points)}</b>
            <span class="label">${t('rank_nth', { rank: team.rank })}</span></button></li>`;
}

function Questions() {
    const { session } = useBoard();
    const { t } = useWords();
    const { state } = session;
    const all = questionsOf(state, () => true);
    const open = all.filter((question) => question.state === 'open');
    const done = all.filter((question) => question.state !== 'open').reverse();
    const list = (questions) => html`<ul class="question-cards">${questions.map((question) => html`
        <${QuestionCard} key=${question.key} question=${question}>${question.office
            ? html`<span class="label">${t(`tier_${question.office}`)}</span>`
            : html`<${TeamName} name=${question.team} team=${state.teams?.[question.team]} />`}</${QuestionCard}>`)}</ul>`;
    const own = open.filter((question) => question.role === 'excon');
    return html`${own.length > 0 && html`<ul>${own.map((question) => html`<${QuestionForm}
            key=${question.key} question=${question} focus=${false} onSent=${() => {}} />`)}</ul>`}
        ${open.length === 0 ? html`<p class="empty">${t('questions_none')}</p>` : list(open)}
        ${done.length > 0 && html`<h3 class="subhead">${t('questions_done')}</h3>${list(done)}`}`;
}

/* What offices do by plans of their own, whichever team they are about. */
function OfficePlans() {
    const { session } = useBoard();
    const { t } = useWords();
    const runs = sorted(session.state.playbooks, (run) => -run.run)
        .filter((run) => run.office !== undefined);
    return runs.length > 0 && html`<${Panel} title=${t('playbooks_offices')} id="c-offices">
        ${[...new Set(runs.map((run) => run.office))].map((office) => html`
            <h3 class="subhead">${t(`tier_${office}`)}</h3>
            <${Playbooks} runs=${runs.filter((run) => run.office === office)} />`)}
        <${RunDesk} runs=${runs} /></${Panel}>`;
}

function TeamDetail({ name }) {
    const { session } = useBoard();
    const { t } = useWords();
    const { state } = session;
    const plants = sorted(state.plants?.[name], () => 0);
    const runs = sorted(state.playbooks, (run) => -run.started_ms)
        .filter((run) => run.team === name);
    return html`
        <${Panel} title=${t('plant')} id="c-plant" className="wide"
            aside=${html`<${TeamName} team=${state.teams[name]} name=${name} />`}>
            ${plants.length === 0 && html`<p class="empty">${t('plant_none')}</p>`}
            ${plants.map((plant) => html`<${Plant} key=${plant.key} plant=${plant} />`)}</${Panel}>
        ${state.duty && html`<${Panel} title=${t('duty_clocks')} id="c-duty" className="wide"
            aside=${html`<${TeamName} team=${state.teams[name]} name=${name} />`}>
            <${DutyClocks} team=${name} /><h3 class="subhead">${t('duty_faults')}</h3>
            <${DutyFaults} team=${name} control /><${DutyMerits} team=${name} />
            <h3 class="subhead">${t('inbox')}</h3><${Inbox} team=${name} />
            <h3 class="subhead">${t('warn')}</h3><${WarnForm} /></${Panel}>`}
        <div class="control-column">
            <${Panel} title=${t('machines')} id="c-machines">
                <${Machines} machines=${state.machines?.[name]} team=${name} all /></${Panel}>
            <${Panel} title=${t('attacks')} id="c-attacks">
                <${Attacks} attacks=${state.attacks?.[name]} /></${Panel}></div>
        <div class="control-column">
            <${Panel} title=${t('objectives')} id="c-objectives">
                <${Objectives} objectives=${state.objectives?.[name]} /></${Panel}>
            <${Panel} title=${t('playbooks')} id="c-playbooks">
                <${Playbooks} runs=${runs} /><${RunDesk} runs=${runs} /></${Panel}>
            ${!state.drill.tabletop && html`<${Panel} title=${t('captures')} id="c-captures">
                <${Captures} team=${name} /></${Panel}>`}</div>`;
}

const HOSTS_MS = 4000;

export function ControlView() {
    const board = useBoard();
    const { session } = board;
    const { t } = useWords();
    const hosts = usePoll(session.state.drill.tabletop ? null : '/api/v1/hosts', HOSTS_MS);
    const [choice, setChoice] = useState(null);
    const [why, setWhy] = useState(null);
    const { state } = session;
    const teams = teamsInOrder(state);
    const chosen = teams.find((team) => team.name === choice) ?? teams[0];
    return html`<${Board.Provider} value=${{ ...board, hosts }}><div class="page control">
        <${Head} view="control"><${Conduct} /></${Head}>
        <main id="content" tabindex="-1">
            <${Notices} />
            <${Panel} title=${t('story')} id="c-story" className="story-panel">
                <ul class="team-rows">${teams.map((team) => html`<${TeamRow} key=${team.key}
                    team=${team} chosen=${team === chosen} onChoose=${setChoice}
                    onWhy=${setWhy} />`)}</ul></${Panel}>
            <div class="control-columns">
                <div class="control-team" aria-label=${chosen?.name} role="group">
                    ${chosen && html`<${TeamDetail} name=${chosen.name} />`}</div>
                <div class="control-side">
                    <${Panel} title=${t('questions')} id="c-questions"><${Questions} /></${Panel}>
                    <${OfficePlans} />
                    <${Panel} title=${t('checkpoints')} id="c-checkpoints">
                        <${Checkpoints} /></${Panel}>
                    ${!state.drill.tabletop && html`<${Panel} title=${t('hosts')} id="c-hosts">
                        <${Hosts} /></${Panel}>`}
                    <${Panel} title=${t('ruling')} id="c-ruling"><${Ruling} /></${Panel}>
                    <${Panel} title=${t('events')} id="c-events"><${Events} limit=${30} /></${Panel}>
                </div></div></main>
        ${why && html`<${WhyDialog} team=${why} onClose=${() => setWhy(null)} />`}
    </div></${Board.Provider}>`;
}

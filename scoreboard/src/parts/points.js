/* Points in time: checkpoints of the drill, resets and evidence of machines. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { sorted, teamsInOrder } from '../derive.js';
import { duration } from '../format.js';
import { Confirm } from './confirm.js';
import { Field, Form } from './form.js';

/* Machines that serve can be saved and taken back. */
const serves = (state) => ['ready', 'running', 'paused'].includes(state.drill.phase);

function Checkpoint({ one, forkable, open }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const { checkpoint } = one;
    const time = duration(one.drill_ms);
    const path = (verb) => drillPath(drill, `checkpoints/${checkpoint}/${verb}`);
    return html`<li class="checkpoint" data-checkpoint=${checkpoint}>
        <span><b>${one.label}</b> <span class="label">${one.team || t('checkpoint_all')}
            ${' · '}${time}</span></span>
        ${!open ? null : one.kept ? html`<span class="checkpoint-acts">
            <${Confirm} verb="restore" label=${t('checkpoint_restore')}
                sure=${t('checkpoint_restore_sure', { time })} path=${path('restore')}
                done=${t('checkpoint_restored')} />
            ${forkable && html`<${Confirm} verb="fork" label=${t('checkpoint_fork')}
                sure=${t('checkpoint_fork_sure')} path=${path('fork')}
                done=${t('checkpoint_forked')} />`}
            <${Confirm} verb="drop" danger label=${t('checkpoint_drop')}
                sure=${t('checkpoint_drop_sure')} path=${path('drop')} done="" /></span>`
            : html`<span role="status">${t('control_busy')}</span>`}
    </li>`;
}

export function Checkpoints() {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [label, setLabel] = useState('');
    const [team, setTeam] = useState('');
    const teams = teamsInOrder(session.state);
    const open = serves(session.state);
    const list = sorted(session.state.checkpoints, (one) => one.checkpoint);

    async function submit() {
        const body = { ...(label && { label }), ...(team && { team }) };
        if (await action.send(drillPath(drill, 'checkpoints'), body)) {
            setLabel('');
        }
    }
    return html`${list.length === 0 && html`<p class="empty">${t('checkpoints_none')}</p>`}
        <ul class="checkpoints">${list.map((one) => html`<${Checkpoint} key=${one.key} one=${one}
            open=${open} forkable=${one.team === '' || teams.length === 1} />`)}</ul>
        ${open && html`<${Form} className="checkpoint-form" label=${t('checkpoint_create')} action=${action}
            done=${t('checkpoint_created')} onSubmit=${submit}>
            <div class="field-pair">
            <${Field} id="checkpoint-label" label=${t('checkpoint_label')}>
                <input id="checkpoint-label" type="text" pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?"
                    maxlength="40" autocomplete="off" value=${label}
                    onInput=${(event) => setLabel(event.target.value)} /></${Field}>
            <${Field} id="checkpoint-team" label=${t('team')}>
                <select id="checkpoint-team" value=${team}
                    onChange=${(event) => setTeam(event.target.value)}>
                    <option value="">${t('checkpoint_all')}</option>
                    ${teams.map((one) => html`<option key=${one.key} value=${one.key}
                        >${one.name}</option>`)}</select></${Field}></div>
            <div class="form-foot"><button type="submit" class="primary" data-verb="checkpoint"
                aria-disabled=${action.busy}>${t('checkpoint_create')}</button></div>
        </${Form}>`}`;
}

/* What control may do to one machine. */
export function MachineActs({ team, machine }) {
    const { drill, session } = useBoard();
    const { t } = useWords();
    return serves(session.state) && html`<span class="machine-acts">
        <${Confirm} verb="reset" label=${t('reset')} sure=${t('reset_sure')} done=${t('reset_done')}
            path=${drillPath(drill, 'resets')} body=${{ team, machine }} />
        <${Confirm} verb="evidence" label=${t('evidence')} sure=${t('evidence_sure')}
            done=${t('evidence_done')} path=${drillPath(drill, 'evidence')}
            body=${{ team, machine }} /></span>`;
}

/* A team takes its own machine back, as often as the scenario lets it. */
export function TeamReset({ team, machine }) {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const left = session.state.teams?.[team]?.resets_left;
    if (left === undefined || !serves(session.state)) {
        return null;
    }
    return html`<span class="machine-acts">
        <${Confirm} verb="reset" label=${t('reset_left', { left })} sure=${t('reset_sure')}
            done=${t('reset_done')} path=${drillPath(drill, 'resets')} body=${{ machine }}
            disabled=${left === 0} /></span>`;
}

/* Control's ruling: points for or against a team, with a reason that everybody sees. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { teamsInOrder } from '../derive.js';
import { Field, Form } from './form.js';

export function Ruling() {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [team, setTeam] = useState('');
    const [points, setPoints] = useState('');
    const [reason, setReason] = useState('');
    const set = (setter) => (event) => setter(event.target.value);

    async function submit() {
        const body = { team, points: Number.parseInt(points.replace('−', '-'), 10), reason };
        if (await action.send(drillPath(drill, 'rulings'), body)) {
            setPoints('');
            setReason('');
        }
    }
    return html`<${Form} className="ruling" label=${t('ruling')} action=${action}
        done=${t('ruling_done', { seq: action.answer?.seq ?? '' })} onSubmit=${submit}>
        <div class="field-pair">
        <${Field} id="ruling-team" label=${t('team')}>
            <select id="ruling-team" required value=${team} onChange=${set(setTeam)}>
                <option value="">${t('team_choose')}</option>
                ${teamsInOrder(session.state).map((one) => html`
                    <option key=${one.key} value=${one.key}>${one.name}</option>`)}
            </select></${Field}>
        <${Field} id="ruling-points" label=${t('ruling_points')}>
            <input id="ruling-points" type="text" required pattern="[+\\-−]?[0-9]{1,5}"
                autocomplete="off" value=${points} onInput=${set(setPoints)} /></${Field}>
        </div>
        <${Field} id="ruling-reason" label=${t('control_reason')}>
            <input id="ruling-reason" type="text" required maxlength="160" autocomplete="off"
                value=${reason} onInput=${set(setReason)} /></${Field}>
        <div class="form-foot"><button type="submit" class="primary" aria-disabled=${action.busy}
            >${t('ruling_submit')}</button></div>
    </${Form}>`;
}

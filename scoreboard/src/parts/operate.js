/* What a team can do at its operator station. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { sorted } from '../derive.js';
import { Field, Form } from './form.js';

const OPERATIONS = {
    'set-point': { word: 'operate_set_point', argv: (value) => ['operate', 'set-point', value] },
    'stop-pump': { word: 'operate_stop_pump', argv: () => ['operate', 'stop-pump', '1'] },
    'start-pump': { word: 'operate_start_pump', argv: () => ['operate', 'stop-pump', '0'] },
};

function outcomeOf(answer, t) {
    if (!answer) {
        return '';
    }
    return answer.exit === 0 ? t('operate_done') : t('operate_failed', { exit: answer.exit });
}

export function Operate({ machines }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const stations = sorted(machines, () => 0).filter((machine) => machine.image === 'hmi');
    const [station, setStation] = useState('');
    const [operation, setOperation] = useState('set-point');
    const [value, setValue] = useState('');
    if (stations.length === 0) {
        return html`<p class="empty">${t('operate_none')}</p>`;
    }
    const machine = station || stations[0].key;

    const submit = () => action.send(drillPath(drill, 'actions'), {
        machine, argv: OPERATIONS[operation].argv(value.trim()),
    });
    return html`<${Form} className="operate" label=${t('operate')} action=${action}
        done=${outcomeOf(action.answer, t)} onSubmit=${submit}>
        ${stations.length > 1 && html`<${Field} id="operate-machine" label=${t('operate_machine')}>
            <select id="operate-machine" value=${machine}
                onChange=${(event) => setStation(event.target.value)}>
                ${stations.map((one) => html`<option key=${one.key}>${one.key}</option>`)}
            </select></${Field}>`}
        <${Field} id="operate-what" label=${t('operate_what')}>
            <select id="operate-what" value=${operation}
                onChange=${(event) => setOperation(event.target.value)}>
                ${Object.entries(OPERATIONS).map(([key, one]) => html`
                    <option key=${key} value=${key}>${t(one.word)}</option>`)}
            </select></${Field}>
        ${operation === 'set-point' && html`<${Field} id="operate-value" label=${t('operate_value')}>
            <input id="operate-value" type="text" inputmode="numeric" pattern="[0-9]{1,5}" required
                autocomplete="off" value=${value}
                onInput=${(event) => setValue(event.target.value)} /></${Field}>`}
        <div class="form-foot"><button type="submit" class="primary" aria-disabled=${action.busy}
            >${t('operate_submit')}</button></div>
        ${action.answer?.output && html`<pre class="output">${action.answer.output}</pre>`}
    </${Form}>`;
}

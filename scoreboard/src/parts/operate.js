/* What a team can order at its stations: which, the server says. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, usePoll, useWords } from '../board.js';
import { Field, Form } from './form.js';

const AGAIN_MS = 5 * 60 * 1000;

function outcomeOf(answer, t) {
    if (!answer) {
        return '';
    }
    return answer.exit === 0 ? t('operate_done') : t('operate_failed', { exit: answer.exit });
}

/* The word of an order that stands for what was entered. */
const wordOf = (take, entered) => take.kind !== 'number' ? entered
    : String(Math.round(Number(entered) / take.scale + take.offset));

/* "1.2" of 1.2000000000000002: what a scale of 0.001 makes of a register's limits. */
const tidy = (number) => Number(number.toPrecision(12));

function hintOf(take) {
    return `${tidy(take.low)}–${tidy(take.high)} ${take.unit}`.trim();
}

function Take({ id, label, take, value, onValue }) {
    const { t } = useWords();
    const onInput = (event) => onValue(event.target.value);
    if (take.kind === 'number') {
        return html`<${Field} id=${id} label=${label} hint=${hintOf(take)}>
            <input id=${id} type="number" step="any" min=${take.low} max=${take.high} required
                autocomplete="off" value=${value} onInput=${onInput} /></${Field}>`;
    }
    const words = take.kind === 'switch' ? ['1', '0'] : take.words;
    const said = (word) => take.kind === 'switch' ? t(`operate_switch_${word}`)
        : word === 'all' ? t('operate_all') : word;
    return html`<${Field} id=${id} label=${label}>
        <select id=${id} value=${value} required onChange=${onInput}>
            ${words.map((word) => html`<option key=${word} value=${word}>${said(word)}</option>`)}
        </select></${Field}>`;
}

const firstOf = (take) => take.kind === 'number' ? '' : take.kind === 'switch' ? '1' : take.words[0];

export function Operate() {
    const { drill } = useBoard();
    const { t, said } = useWords();
    const action = useAction();
    const { answer, failed } = usePoll(drillPath(drill, 'operations'), AGAIN_MS);
    const [station, setStation] = useState(0);
    const [operation, setOperation] = useState(0);
    const [entered, setEntered] = useState({});
    const stations = answer?.stations ?? [];
    if (stations.length === 0) {
        return html`<p class="empty">${t(answer ? 'operate_none'
            : failed ? 'operate_unknown' : 'list_loading')}</p>`;
    }
    const { machine, operations } = stations[station];
    const { argv, takes } = operations[operation];
    const choose = (nextStation, nextOperation) => {
        setStation(nextStation);
        setOperation(nextOperation);
        setEntered({});
    };
    const value = (index) => entered[index] ?? firstOf(takes[index]);
    const submit = () => action.send(drillPath(drill, 'actions'), {
        machine, argv: [...argv, ...takes.map((take, index) => wordOf(take, value(index).trim()))],
    });
    return html`<${Form} className="operate" label=${t('operate')} action=${action}
        done=${outcomeOf(action.answer, t)} onSubmit=${submit}>
        ${stations.length > 1 && html`<${Field} id="operate-machine" label=${t('operate_machine')}>
            <select id="operate-machine" value=${station}
                onChange=${(event) => choose(Number(event.target.value), 0)}>
                ${stations.map((one, index) => html`
                    <option key=${one.machine} value=${index}>${one.machine}</option>`)}
            </select></${Field}>`}
        <${Field} id="operate-what" label=${t('operate_what')}>
            <select id="operate-what" value=${operation}
                onChange=${(event) => choose(station, Number(event.target.value))}>
                ${operations.map((one, index) => html`
                    <option key=${index} value=${index}>${said(one.says)}</option>`)}
            </select></${Field}>
        ${takes.map((take, index) => html`<${Take} key=${`${station}/${operation}/${index}`}
            id=${`operate-value${index || ''}`} take=${take} value=${value(index)}
            label=${takes.length > 1 ? t('operate_part', { part: index + 1 }) : t('operate_value')}
            onValue=${(text) => setEntered({ ...entered, [index]: text })} />`)}
        <div class="form-foot"><button type="submit" class="primary" aria-disabled=${action.busy}
            >${t('operate_submit')}</button></div>
        ${action.answer?.output && html`<pre class="output">${action.answer.output}</pre>`}
    </${Form}>`;
}

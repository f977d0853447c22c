/* Runs of playbooks in the hands of exercise control: each intervention with its reason. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { Field, Form } from './form.js';

const VERBS = ['pause', 'resume', 'skip', 'force', 'fail', 'set', 'rewind', 'abort'];
const AT_STEPS = ['skip', 'force', 'fail'];

/* The executions that a verb can be about, newest last. */
function stepsFor(run, verb) {
    const all = Object.values(run.steps ?? {});
    if (AT_STEPS.includes(verb)) {
        return all.filter((step) => step.ended_ms === undefined);
    }
    const seen = all.filter((step) => step.opener === 0 && step.type !== 'end');
    return verb === 'rewind' ? [...new Map(seen.map((step) => [step.step, step])).values()] : [];
}

function bodyOf({ verb, at, name, value, reason }) {
    const body = { verb: verb === 'fail' ? 'force' : verb, reason: reason.trim() };
    if (at) {
        body.step = at.step;
        if (AT_STEPS.includes(verb)) {
            body.exec = at.exec;
        }
    }
    if (verb === 'fail') {
        body.ok = false;
    }
    return verb === 'set' ? { ...body, name: name.trim(), value } : body;
}

function Desk({ run }) {
    const { drill } = useBoard();
    const { t, said } = useWords();
    const action = useAction();
    const [verb, setVerb] = useState(run.paused ? 'resume' : 'pause');
    const [exec, setExec] = useState('');
    const [name, setName] = useState('');
    const [value, setValue] = useState('');
    const [reason, setReason] = useState('');
    const steps = stepsFor(run, verb);
    const at = steps.find((step) => String(step.exec) === exec) ?? steps[0];
    const id = (part) => `run-${run.run}-${part}`;
    const text = (part, shown, set, max) => html`<${Field} id=${id(part)} label=${t(`run_${part}`)}>
        <input id=${id(part)} type="text" required=${part !== 'value'} maxlength=${max}
            autocomplete="off" value=${shown} onInput=${(event) => set(event.target.value)} />
    </${Field}>`;

    async function submit() {
        const sent = await action.send(drillPath(drill, `playbooks/${run.run}/control`),
                                       bodyOf({ verb, at, name, value, reason }));
        if (sent) {
            setReason('');
        }
    }
    return html`<li class="run-desk" data-run=${run.run}><details><summary>${said(run.name)}
        <span class="label"> ${run.team}${run.paused ? ` · ${t('run_paused')}` : ''}</span></summary>
        <${Form} label=${`${t('run_desk')}: ${said(run.name)}`} action=${action}
            done=${t('run_done')} onSubmit=${submit}>
            <${Field} id=${id('verb')} label=${t('run_verb')}><select id=${id('verb')} value=${verb}
                onChange=${(event) => setVerb(event.target.value)}>
                ${VERBS.map((one) => html`<option key=${one} value=${one}>${t(`run_${one}`)}
                    </option>`)}</select></${Field}>
            ${steps.length > 0 && html`<${Field} id=${id('step')} label=${t('run_step')}>
                <select id=${id('step')} value=${String(at.exec)}
                    onChange=${(event) => setExec(event.target.value)}>
                    ${steps.map((step) => html`<option key=${step.exec} value=${step.exec}>
                        ${said(step.name)}</option>`)}</select></${Field}>`}
            ${verb === 'set' && text('name', name, setName, 60)}
            ${verb === 'set' && text('value', value, setValue, 200)}
            ${text('reason', reason, setReason, 160)}
            <button type="submit" aria-disabled=${action.busy}>${t('run_do')}</button>
        </${Form}></details></li>`;
}

export function RunDesk({ runs }) {
    const active = runs.filter((run) => run.active);
    return active.length > 0 && html`<ul class="run-desks">
        ${active.map((run) => html`<${Desk} key=${run.run} run=${run} />`)}</ul>`;
}

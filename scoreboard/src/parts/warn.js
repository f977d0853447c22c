/* A warning goes out: from an office that people play, or from control. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { Field, Form } from './form.js';

const LEVELS = ['blue', 'yellow', 'orange', 'red'];

/* `office`: the tier that warns, which is no recipient of its own; null is control. */
export function WarnForm({ office = null }) {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [level, setLevel] = useState('yellow');
    const [title, setTitle] = useState('');
    const [advice, setAdvice] = useState('');
    const [to, setTo] = useState(['enterprise']);
    const tiers = ['enterprise', ...Object.keys(session.state.duty.tiers)
        .filter((name) => name !== 'enterprise' && name !== office)];
    const toggle = (name) => setTo(to.includes(name) ? to.filter((one) => one !== name) : [...to, name]);

    async function submit() {
        if (await action.send(drillPath(drill, 'duty/warning'),
                              { level, title: { zh: title, en: title }, advice, to: to.join(' ') })) {
            setTitle('');
            setAdvice('');
        }
    }
    return html`<${Form} className="warn-form" label=${t('warn')} action=${action}
        done=${t('duty_entered', { seq: action.answer?.seq ?? '' })} onSubmit=${submit}>
        <div class="field-pair"><${Field} id="warn-level" label=${t('warn_level')}>
            <select id="warn-level" value=${level} onChange=${(event) => setLevel(event.target.value)}>
                ${LEVELS.map((one) => html`<option key=${one} value=${one}>${t(`warning_${one}`)}
                </option>`)}</select></${Field}>
            <${Field} id="warn-title" label=${t('warn_title')}><input id="warn-title" type="text"
                required maxlength="80" value=${title}
                onInput=${(event) => setTitle(event.target.value)} /></${Field}></div>
        <${Field} id="warn-advice" label=${t('warn_advice')}><input id="warn-advice" type="text"
            maxlength="160" value=${advice}
            onInput=${(event) => setAdvice(event.target.value)} /></${Field}>
        <fieldset class="report-to"><legend>${t('report_to')}</legend>
            ${tiers.map((name) => html`<label key=${name}><input type="checkbox"
                checked=${to.includes(name)} onChange=${() => toggle(name)} />
                ${t(`tier_${name}`)}</label>`)}</fieldset>
        <div class="form-foot"><button type="submit"
            aria-disabled=${action.busy || to.length === 0}>${t('warn')}</button></div></${Form}>`;
}

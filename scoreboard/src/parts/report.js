/* A team files a report in its own words. */
import { html, useState } from '../html.js';
import { drillPath, useAction, useBoard, useWords } from '../board.js';
import { Field, Form } from './form.js';

export const REPORT_MAX = 1000;

export function Report() {
    const { drill } = useBoard();
    const { t } = useWords();
    const action = useAction();
    const [text, setText] = useState('');

    async function submit() {
        if (await action.send(drillPath(drill, 'reports'), { text: text.trim() })) {
            setText('');
        }
    }
    const keyed = (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.target.form.requestSubmit();
        }
    };
    return html`<${Form} className="report" label=${t('report')} action=${action}
        done=${t('report_done', { seq: action.answer?.seq ?? '' })} onSubmit=${submit}>
        <${Field} id="report-text" label=${t('report_text')}><textarea id="report-text" rows="3"
            required maxlength=${REPORT_MAX} value=${text} onKeyDown=${keyed}
            onInput=${(event) => setText(event.target.value)}></textarea></${Field}>
        <div class="form-foot"><button type="submit" class="primary" aria-disabled=${action.busy}
            >${t('report_submit')}</button><span class="hint">${t('report_hint')}</span></div>
    </${Form}>`;
}

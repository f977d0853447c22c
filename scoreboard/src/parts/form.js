/* Forms: a labelled field, and a form that checks itself in the reader's language (a browser
 * would speak its own), sends once at a time and says what came of it. */
import { html, useState } from '../html.js';
import { useWords } from '../board.js';
import { Icon } from './icon.js';

export function Field({ id, label, hint, children }) {
    return html`<div class="field"><label for=${id}>${label}</label>${children}
        ${hint && html`<span class="hint">${hint}</span>`}</div>`;
}

/* The name a reader knows a control by. */
const labelOf = (control) =>
    (control.closest('fieldset')?.querySelector('legend') ?? control.labels?.[0])?.textContent ?? '';

/* {key, field} of the first control that is empty or wrong, which takes the focus; or null. */
function problemIn(form) {
    const control = [...form.elements].find((one) => one.willValidate && !one.validity.valid);
    if (!control) {
        return null;
    }
    control.focus();
    return { key: control.validity.valueMissing ? 'form_missing' : 'form_invalid',
             field: labelOf(control).trim() };
}

export function Outcome({ action, done, problem = null }) {
    const { t } = useWords();
    const { busy, error, answer } = action;
    const text = problem ? t(problem.key, { field: problem.field })
        : error === null ? '' : error.status === 0 ? t('error_network')
            : t('error_server', { message: error.message });
    return html`<div class="outcome">
        <p role="status">${busy ? t('control_busy') : answer && !error && !problem ? done : ''}</p>
        <p class="outcome-error" role="alert">${text && html`<${Icon} name="alarm" /> ${text}`}</p>
    </div>`;
}

export function Form({ label, className = '', action, done, onSubmit, children, formRef }) {
    const [problem, setProblem] = useState(null);
    function submit(event) {
        event.preventDefault();
        if (action.busy) {
            return;
        }
        const found = problemIn(event.currentTarget);
        setProblem(found);
        if (!found) {
            onSubmit();
        }
    }
    return html`<form ref=${formRef} class=${className} aria-label=${label} novalidate
        onSubmit=${submit}>${children}
        <${Outcome} action=${action} done=${done} problem=${problem} /></form>`;
}

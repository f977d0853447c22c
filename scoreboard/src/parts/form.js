/* Parts of forms: a labelled field, and what came of sending. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { Icon } from './icon.js';

export function Field({ id, label, hint, children }) {
    return html`<div class="field"><label for=${id}>${label}</label>${children}
        ${hint && html`<span class="hint">${hint}</span>`}</div>`;
}

export function Outcome({ action, done }) {
    const { t } = useWords();
    const { busy, error, answer } = action;
    const text = error === null ? '' : error.status === 0 ? t('error_network')
        : t('error_server', { message: error.message });
    return html`<div class="outcome">
        <p role="status">${busy ? t('control_busy') : answer && !error ? done : ''}</p>
        <p class="outcome-error" role="alert">${text && html`<${Icon} name="alarm" /> ${text}`}</p>
    </div>`;
}

/* Runs of playbooks and their steps. */
import { html } from '../html.js';
import { useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration } from '../format.js';
import { Icon } from './icon.js';

const GLYPHS = {
    none: 'ring', ongoing: 'play', await_user_input: 'person', successfully_executed: 'check',
    failed: 'cross', timeout_error: 'clock',
};

const QUIET = ['start', 'end'];

function Run({ run }) {
    const { t, said, nameOf } = useWords();
    const verdict = run.active ? 'active' : run.ok ? 'ok' : 'failed';
    return html`<li class="run" data-run=${run.run}>
        <p class="run-head"><${Icon} name="book" /><b>${said(run.name)}</b>
            <span class=${`state run-${verdict}`}>
                <${Icon} name=${{ active: 'play', ok: 'check', failed: 'cross' }[verdict]} />
                ${t(`playbook_${verdict}`)}</span></p>
        <ol class="steps">${Object.entries(run.steps ?? {}).map(([key, step]) => ({ key, ...step }))
            .sort((a, b) => Number(a.key) - Number(b.key))
            .filter((step) => !QUIET.includes(step.type))
            .map((step) => html`<li key=${step.key} class=${`step step-${step.status}`}>
                <span class="time">${duration(step.started_ms)}</span>
                <span class="step-name">${said(step.name)}</span>
                <span class="state"><${Icon} name=${GLYPHS[step.status] ?? 'ring'} />
                    ${nameOf('step', step.status)}</span></li>`)}</ol></li>`;
}

export function Playbooks({ runs }) {
    const { t } = useWords();
    if (runs.length === 0) {
        return html`<p class="empty">${t('playbooks_none')}</p>`;
    }
    return html`<ul class="runs">
        ${runs.map((run) => html`<${Run} key=${run.key} run=${run} />`)}</ul>`;
}

/* Runs of playbooks and their steps. */
import { html, useState } from '../html.js';
import { useWords } from '../board.js';
import { sorted } from '../derive.js';
import { duration } from '../format.js';
import { Icon, STEP_GLYPHS } from './icon.js';
import { FlowDialog } from './flow.js';

const QUIET = ['start', 'end'];

function Run({ run }) {
    const { t, said, nameOf } = useWords();
    const [open, setOpen] = useState(false);
    const verdict = run.active ? 'active' : run.ok ? 'ok' : 'failed';
    return html`<li class="run" data-run=${run.run}>
        <p class="run-head"><${Icon} name="book" /><b>${said(run.name)}</b>
            <span class=${`state run-${verdict}`}>
                <${Icon} name=${{ active: 'play', ok: 'check', failed: 'cross' }[verdict]} />
                ${t(`playbook_${verdict}`)}</span>
            <button type="button" class="quiet" aria-haspopup="dialog" onClick=${() => setOpen(true)}>
                <${Icon} name="graph" />${t('flow_open')}</button></p>
        <ol class="steps">${Object.entries(run.steps ?? {}).map(([key, step]) => ({ key, ...step }))
            .sort((a, b) => Number(a.key) - Number(b.key))
            .filter((step) => !QUIET.includes(step.type))
            .map((step) => html`<li key=${step.key} class=${`step step-${step.status}`}>
                <span class="time">${duration(step.started_ms)}</span>
                <span class="step-name">${said(step.name)}</span>
                <span class="state"><${Icon} name=${STEP_GLYPHS[step.status] ?? 'ring'} />
                    ${nameOf('step', step.status)}</span></li>`)}</ol>
        ${open && html`<${FlowDialog} run=${run} onClose=${() => setOpen(false)} />`}</li>`;
}

export function Playbooks({ runs }) {
    const { t } = useWords();
    if (runs.length === 0) {
        return html`<p class="empty">${t('playbooks_none')}</p>`;
    }
    return html`<ul class="runs">
        ${runs.map((run) => html`<${Run} key=${run.key} run=${run} />`)}</ul>`;
}

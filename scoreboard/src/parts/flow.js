/* A playbook as a picture: every step with its state, live; arrow keys go from step to step. */
import { html, useEffect, useMemo, useRef, useState } from '../html.js';
import { createApi } from '../api.js';
import { drillPath, useBoard, usePoll, useWords } from '../board.js';
import { NODE_HEIGHT, NODE_WIDTH, neighbour, picture, statusByStep, wrap } from '../flow.js';
import { duration } from '../format.js';
import { Dialog } from './dialog.js';
import { Glyph, Icon, STEP_GLYPHS } from './icon.js';
import { save } from './save.js';

const AGAIN_MS = 600000; /* the picture stays; what is live comes by the stream */
const QUIET_LABELS = ['on_completion', 'on_success', 'branch'];

function outline({ shape, x, y }) {
    const left = x - NODE_WIDTH / 2;
    const top = y - NODE_HEIGHT / 2;
    if (shape !== 'fork') {
        return html`<rect class="flow-shape" x=${left} y=${top} width=${NODE_WIDTH}
            height=${NODE_HEIGHT} rx=${shape === 'pill' ? NODE_HEIGHT / 2 : 7} />`;
    }
    const slant = 16;
    const right = x + NODE_WIDTH / 2;
    const foot = y + NODE_HEIGHT / 2;
    return html`<path class="flow-shape" d=${`M${left} ${y}L${left + slant} ${top}H${right - slant}` +
        `L${right} ${y}L${right - slant} ${foot}H${left + slant}Z`} />`;
}

function Node({ node, status, chosen, onChoose, onKey, label, lines }) {
    const ref = useRef(null);
    useEffect(() => {
        if (chosen && document.activeElement?.closest('.flow-nodes')) {
            ref.current?.focus();
        }
    }, [chosen]);
    const state = status?.status ?? 'none';
    const rise = (lines.length - 1) * 8;
    return html`<g ref=${ref} class=${`flow-node flow-${state} flow-${node.type}`}
        data-step=${node.step} data-status=${state} role="option" aria-selected=${chosen}
        aria-label=${label} tabindex=${chosen ? 0 : -1} onFocus=${onChoose} onClick=${onChoose}
        onKeyDown=${onKey}>
        ${outline(node)}
        ${node.type === 'playbook-action' && html`<rect class="flow-inner"
            x=${node.x - NODE_WIDTH / 2 + 5} y=${node.y - NODE_HEIGHT / 2 + 5} rx="4"
            width=${NODE_WIDTH - 10} height=${NODE_HEIGHT - 10} />`}
        <text class="flow-name" x=${node.x} y=${node.y + 4.5 - rise}>${lines.map((line, place) =>
            html`<tspan x=${node.x} dy=${place === 0 ? 0 : 16}>${line}</tspan>`)}</text>
        ${status && html`<g class="flow-mark" transform=${`translate(${node.x + NODE_WIDTH / 2 - 15} ` +
            `${node.y - NODE_HEIGHT / 2 - 7})`}><circle cx="7" cy="7" r="11" />
            <${Glyph} name=${STEP_GLYPHS[state] ?? 'ring'} size=${14} /></g>`}</g>`;
}

function Detail({ node, status }) {
    const { t, said, nameOf } = useWords();
    const asks = said(node.asks);
    return html`<div class="flow-detail" aria-live="polite">
        <h3>${said(node.name)}<span class="label">${t(`flow_${node.type.replaceAll('-', '_')}`)}</span></h3>
        ${node.role && html`<p><span class="label">${t('flow_role')}</span>${nameOf('role', node.role)}</p>`}
        ${asks && html`<p class="flow-asks">${asks}</p>`}
        ${node.condition && html`<p><span class="label">${t('flow_condition')}</span>
            <code>${node.condition}</code></p>`}
        ${node.deadline_ms > 0 && html`<p><span class="label">${t('flow_deadline')}</span>
            ${duration(node.deadline_ms)}</p>`}
        <p class=${`step-${status?.status ?? 'none'}`}><span class="state">
            <${Icon} name=${STEP_GLYPHS[status?.status] ?? 'ring'} />
            ${status ? nameOf('step', status.status) : t('flow_not_yet')}</span>
            ${status && html`<span class="time">${duration(status.started_ms)}</span>`}
            ${status?.times > 1 && html`<span>${t('flow_times', { times: status.times })}</span>`}</p></div>`;
}

function Edge({ edge }) {
    const { t } = useWords();
    const word = edge.by === 'case' ? edge.value
        : QUIET_LABELS.includes(edge.by) ? '' : t(`flow_${edge.by}`);
    return html`<g class=${`flow-edge flow-by-${edge.by}`}>
        <path d=${edge.path} marker-end="url(#flow-arrow)" />
        ${word && html`<text class="flow-label" x=${edge.label.x} y=${edge.label.y + 4}>${word}</text>`}</g>`;
}

function Picture({ chart, run }) {
    const { t, said, nameOf } = useWords();
    const drawing = useMemo(() => picture(chart), [chart]);
    const statuses = statusByStep(run.steps);
    const [at, setAt] = useState(0);
    const node = drawing.nodes[at];
    const labelOf = (one) => [said(one.name), t(`flow_${one.type.replaceAll('-', '_')}`),
        statuses[one.step] ? nameOf('step', statuses[one.step].status) : t('flow_not_yet')].join(', ');
    const onKey = (event) => {
        const next = { Home: 0, End: drawing.nodes.length - 1 }[event.key]
            ?? neighbour(drawing.nodes, at, event.key);
        if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') {
            event.preventDefault();
            setAt(next);
        }
    };
    return html`<div class="flow">
        <div class="flow-scroll"><svg class="flow-picture" width=${drawing.width} height=${drawing.height}
            viewBox=${`0 0 ${drawing.width} ${drawing.height}`}>
            <defs><marker id="flow-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8"
                markerHeight="8" orient="auto-start-reverse"><path class="flow-head" d="M0 0L8 4L0 8Z" />
            </marker></defs>
            <g aria-hidden="true">${drawing.edges.map((edge, place) =>
                html`<${Edge} key=${place} edge=${edge} />`)}</g>
            <g class="flow-nodes" role="listbox" aria-label=${said(run.name)}>${drawing.nodes.map((one, place) =>
                html`<${Node} key=${one.step} node=${one} status=${statuses[one.step]}
                    chosen=${place === at} onChoose=${() => setAt(place)} onKey=${onKey}
                    label=${labelOf(one)} lines=${wrap(said(one.name), NODE_WIDTH - 24, 2)} />`)}</g>
        </svg></div>
        ${node && html`<${Detail} node=${node} status=${statuses[node.step]} />`}</div>`;
}

/* The run's record: a CACAO file with the state of each step, or its events as a page. */
function Records({ run }) {
    const { drill, token } = useBoard();
    const { t, language } = useWords();
    const [state, setState] = useState('');
    async function get(format, ending) {
        setState('busy');
        try {
            await save(createApi({ token }),
                       drillPath(drill, `runs/${run.run}/export?format=${format}&lang=${language}`),
                       `${drill}-${run.run}.${ending}`);
            setState('');
        } catch {
            setState('failed');
        }
    }
    const button = (format, ending) => html`<button type="button" class="quiet"
        data-record=${format} aria-disabled=${state === 'busy'}
        onClick=${() => state !== 'busy' && get(format, ending)}>
        <${Icon} name="down" />${t(`record_${format}`)}</button>`;
    return html`<p class="flow-records">${button('cacao', 'json')}${button('html', 'html')}
        ${button('csv', 'csv')}${state === 'failed' && html`<span role="alert"
            class="outcome-error">${t('capture_get_failed')}</span>`}</p>`;
}

export function FlowDialog({ run, onClose }) {
    const { drill, token } = useBoard();
    const { t, said } = useWords();
    const { answer, failed } = usePoll(drillPath(drill, `runs/${run.run}/chart`), AGAIN_MS);
    return html`<${Dialog} title=${said(run.name)} onClose=${onClose} className="flow-dialog">
        ${answer?.marking && html`<p class="label flow-marking">${answer.marking}</p>`}
        ${answer && token && html`<${Records} run=${run} />`}
        ${answer ? html`<${Picture} chart=${answer} run=${run} />`
            : html`<p class="empty">${t(failed ? 'flow_denied' : 'list_loading')}</p>`}</${Dialog}>`;
}

/* Packets of a team's networks: what is being kept, started and stopped here, and the files with
 * the drill time that they cover. */
import { html, useState } from '../html.js';
import { drillPath, useBoard, usePoll, useWords } from '../board.js';
import { createApi } from '../api.js';
import { bytes, duration } from '../format.js';
import { Confirm } from './confirm.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { save } from './save.js';

const PERIOD_MS = 4000;
const SHOWN = 100;
const GLYPHS = { on: 'live', off: 'ring' };

function File({ file }) {
    const { drill, token } = useBoard();
    const { t, language } = useWords();
    const [state, setState] = useState('');
    async function get() {
        setState('busy');
        try {
            await save(createApi({ token }), drillPath(drill, `captures/${file.file}`), file.file);
            setState('');
        } catch {
            setState('failed');
        }
    }
    const span = t('capture_span', { from: duration(file.from_drill_ms),
                                     to: duration(file.to_drill_ms) });
    return html`<tr data-file=${file.file}><td class="time">${span}</td>
        <td class="figure">${bytes(language, file.bytes)}</td>
        <td>${t('capture_nth', { capture: file.capture })}${file.host && ` · ${file.host}`}</td>
        <td><button type="button" aria-label=${t('capture_get_span', { span })}
            aria-disabled=${state === 'busy'} onClick=${() => state !== 'busy' && get()}>
            <${Icon} name="down" />${t('capture_get')}</button>
            ${state === 'failed' && html`<span role="alert" class="outcome-error">
                ${t('capture_get_failed')}</span>`}</td></tr>`;
}

function Files({ team, network, onClose }) {
    const { drill } = useBoard();
    const { t } = useWords();
    const { answer } = usePoll(drillPath(drill, `captures?files=${SHOWN}`), PERIOD_MS);
    const files = (answer?.files ?? [])
        .filter((file) => file.team === team && file.network === network).reverse();
    return html`<${Dialog} title=${t('capture_files_of', { network, team })} onClose=${onClose}
        className="capture-dialog">
        ${!answer && html`<p class="empty">${t('list_loading')}</p>`}
        ${answer && files.length === 0 && html`<p class="empty">${t('capture_none')}</p>`}
        ${files.length > 0 && html`<div class="capture-table" tabindex="0" role="group"
            aria-label=${t('capture_files')}><table><thead><tr>
            <th scope="col">${t('time_drill')}</th><th scope="col">${t('capture_size')}</th>
            <th scope="col">${t('capture_which')}</th><th scope="col">${t('capture_get')}</th>
            </tr></thead><tbody>${files.map((file) => html`<${File} key=${file.file}
                file=${file} />`)}</tbody></table></div>`}
        ${answer?.left_off > 0 && html`<p class="hint">${t('capture_left_off',
            { n: answer.left_off })}</p>`}
    </${Dialog}>`;
}

function Network({ one, open, onFiles, onDone }) {
    const { drill } = useBoard();
    const { t, language } = useWords();
    const state = one.on ? 'on' : 'off';
    const action = one.on ? 'stop' : 'start';
    return html`<li class=${`capture capture-${state}`} data-network=${one.network}>
        <span class="capture-name"><b>${one.network}</b>
            <span class="state"><${Icon} name=${GLYPHS[state]} />${t(`capture_${state}`)}</span></span>
        <span class="label">${one.kept_files > 0 ? t('capture_kept', { files: one.kept_files,
            bytes: bytes(language, one.kept_bytes) }) : t('capture_none')}</span>
        ${one.detail && !one.on && html`<p class="capture-detail">${one.detail}</p>`}
        <span class="capture-acts">
            ${open && html`<${Confirm} key=${action} verb=${`capture-${action}`}
                label=${t(`capture_${action}`)} sure=${t(`capture_${action}_sure`)} done=""
                path=${drillPath(drill, 'captures')} onDone=${onDone}
                body=${{ action, network: one.network, team: one.team }} />`}
            ${one.kept_files > 0 && html`<button type="button" class="quiet" aria-haspopup="dialog"
                data-verb="capture-files" onClick=${() => onFiles(one)}>
                ${t('capture_files')}</button>`}</span></li>`;
}

export function Captures({ team }) {
    const { drill, session } = useBoard();
    const { t } = useWords();
    const { answer, failed, again } = usePoll(drillPath(drill, 'captures?files=0'), PERIOD_MS);
    const [files, setFiles] = useState(null);
    const open = ['ready', 'running', 'paused', 'ended'].includes(session.state.drill.phase);
    const list = (answer?.captures ?? []).filter((one) => one.team === team);
    if (list.length === 0) {
        return html`<p class="empty">${t(failed ? 'captures_failed' : answer ? 'captures_nothing'
            : 'list_loading')}</p>`;
    }
    return html`<ul class="captures">${list.map((one) => html`<${Network} key=${one.network}
            one=${one} open=${open} onFiles=${setFiles} onDone=${again} />`)}</ul>
        ${files && html`<${Files} team=${files.team} network=${files.network}
            onClose=${() => setFiles(null)} />`}`;
}

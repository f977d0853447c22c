/* A machine's console or screen in a window: who has the keys is shown and can be changed. The
 * libraries are fetched when the first one is opened. */
import { html, useEffect, useRef, useState } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { ConsoleLine, consoleUrl, waitMs } from '../console_line.js';
import { Dialog } from './dialog.js';
import { defineSheet } from './sheet.js';

const COLUMNS = 80;
const ROWS = 24;

/* The terminal takes Tab, so Shift+Tab is the way out of it for who has no pointer. */
function keepsKey(event) {
    return !(event.key === 'Tab' && event.shiftKey);
}

async function openTerminal(box, label, line) {
    const { Terminal } = await import('../../lib/xterm.js');
    defineSheet();
    const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, screenReaderMode: true,
        fontFamily: 'ui-monospace, "DejaVu Sans Mono", monospace', fontSize: 14,
        theme: { background: '#10161d', foreground: '#e6edf3' } });
    terminal.attachCustomKeyEventHandler(keepsKey);
    terminal.onData((text) => line.current?.seat.mode === 'type' &&
        line.current.send(new TextEncoder().encode(text)));
    terminal.open(box);
    terminal.textarea.setAttribute('aria-label', label);
    terminal.focus();
    box.setAttribute('aria-busy', 'false');
    return { show: (bytes) => terminal.write(new Uint8Array(bytes)),
        seat() {}, close: () => terminal.dispose() };
}

/* What noVNC takes for a WebSocket, with ours behind it. */
function channelOf(line) {
    return { binaryType: 'arraybuffer', protocol: '', readyState: 'open',
        onopen: null, onclose: null, onerror: null, onmessage: null,
        send: (bytes) => line.current?.send(bytes), close() {} };
}

async function openScreen(box, label, line) {
    const { default: RFB } = await import('../../lib/novnc/core/rfb.js');
    const channel = channelOf(line);
    const rfb = new RFB(box, channel, { shared: true });
    rfb.scaleViewport = true;
    rfb.viewOnly = line.current?.seat.mode !== 'type';
    rfb.addEventListener('connect', () => box.setAttribute('aria-busy', 'false'));
    box.querySelector('canvas')?.setAttribute('aria-label', label);
    return { show: (data) => channel.onmessage?.({ data }),
        seat: ({ mode }) => { rfb.viewOnly = mode !== 'type'; },
        close: () => rfb.disconnect() };
}

function Seat({ seat, line, onAgain }) {
    const { t } = useWords();
    const words = seat.state === 'connecting' ? t('console_connecting')
        : seat.state === 'lost' ? t('console_reconnecting')
            : seat.state === 'ended' ? t('console_ended', { why: seat.why ?? t('console_lost') })
                : seat.mode === 'type' ? t('console_type')
                    : seat.typist ? t('console_view_by', { typist: seat.typist })
                        : t('console_view');
    return html`<div class="console-seat" data-seat=${seat.state === 'open' ? seat.mode : seat.state}>
        <span role="status">${words}${seat.refused &&
            html` <span class="console-refused">${t('console_refused', { why: seat.refused })}</span>`}
        </span>
        ${seat.state === 'open' && seat.mode !== 'type' && html`<button type="button"
            onClick=${() => line.current?.ask('take')}>${t('console_take')}</button>`}
        ${seat.state === 'open' && seat.mode === 'type' && html`<button type="button"
            onClick=${() => line.current?.ask('yield')}>${t('console_yield')}</button>`}
        ${['ended', 'lost'].includes(seat.state) && html`<button type="button"
            onClick=${onAgain}>${t('console_again')}</button>`}
    </div>`;
}

/* The end of what a terminal showed: the next one begins with it. */
const KEPT_BYTES = 64 * 1024;
const GAP = new TextEncoder().encode('\r\n[...]\r\n').buffer;

function keep(kept, bytes) {
    kept.push(bytes);
    let size = kept.reduce((sum, one) => sum + one.byteLength, 0);
    while (kept.length > 1 && size > KEPT_BYTES) {
        size -= kept.shift().byteLength;
    }
}

/* What arrives before the library is there waits for it, and so does the seat: who is told that
 * he types is heard. */
function connect({ box, label, form, url, token, line, setSeat, kept }) {
    box.setAttribute('aria-busy', 'true');
    let view = null;
    let gone = false;
    let waiting = kept.length > 0 ? [...kept, GAP] : [];
    setSeat({ state: 'connecting' });
    line.current = new ConsoleLine({ url, token,
        onSeat: (seat) => {
            setSeat(view || seat.state !== 'open' ? seat : { state: 'connecting' });
            view?.seat(seat);
        },
        onBytes: (bytes) => {
            if (form === 'serial') {
                keep(kept, bytes);
            }
            (view ? view.show : (more) => waiting.push(more))(bytes);
        } });
    (form === 'vnc' ? openScreen : openTerminal)(box, label, line).then((opened) => {
        if (gone) {
            opened.close();
            return;
        }
        view = opened;
        setSeat(line.current.seat);
        view.seat(line.current.seat);
        waiting.forEach(view.show);
        waiting = [];
    });
    return () => {
        gone = true;
        line.current?.close();
        line.current = null;
        view?.close();
    };
}

export function ConsoleDialog({ team, machine, form, onClose }) {
    const { drill, token } = useBoard();
    const { t } = useWords();
    const box = useRef(null);
    const line = useRef(null);
    const [attempt, setAttempt] = useState(0);
    const [seat, setSeat] = useState({ state: 'connecting' });
    const title = t(form === 'vnc' ? 'screen_title' : 'console_title', { machine });
    const failures = useRef(0);
    const kept = useRef([]);
    useEffect(() => connect({ box: box.current, label: title, form, token, line, setSeat,
        kept: kept.current,
        url: consoleUrl(location, { drill, team, machine, form }) }), [attempt]);
    useEffect(() => {
        if (seat.state === 'open') {
            failures.current = 0;
        }
        if (seat.state !== 'lost') {
            return undefined;
        }
        const timer = setTimeout(() => setAttempt((last) => last + 1), waitMs(failures.current));
        failures.current += 1;
        return () => clearTimeout(timer);
    }, [seat.state]);
    return html`<${Dialog} title=${title} onClose=${onClose} className="console-dialog">
        <${Seat} seat=${seat} line=${line} onAgain=${() => setAttempt(attempt + 1)} />
        <div class=${`console-box console-${form}`} ref=${box} key=${attempt}></div>
        <p class="label">${t(form === 'vnc' ? 'screen_hint' : 'console_hint')}</p>
    </${Dialog}>`;
}

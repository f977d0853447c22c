/* The state of the connection, which never lies: what is not live says how old it is. */
import { html } from '../html.js';
import { useBoard, useTick, useWords } from '../board.js';
import { Icon } from './icon.js';

const GLYPHS = {
    connecting: 'dots', live: 'live', stale: 'alarm', reconnecting: 'again', refused: 'lock',
    unknown: 'question',
};

export function Connection() {
    useTick(500);
    const { session } = useBoard();
    const { t } = useWords();
    const { connection, heardMs } = session;
    const seconds = heardMs === null ? 0 : Math.floor((performance.now() - heardMs) / 1000);
    const first = connection === 'reconnecting' && session.state === null;
    return html`<span class=${`connection connection-${connection}`} data-connection=${connection}>
        <${Icon} name=${GLYPHS[connection]} />
        <span>${t(first ? 'connection_reconnecting_first' : `connection_${connection}`,
                  { seconds })}</span>
    </span>`;
}

/* Said aloud once when it changes, not every second. */
export function ConnectionAnnouncer() {
    const { session } = useBoard();
    const { t } = useWords();
    const quiet = session.connection === 'connecting';
    return html`<div class="unseen" role="status">${!quiet && t('connection_label')}
        ${!quiet && t(`connection_${session.connection}`, { seconds: 0 })}</div>`;
}

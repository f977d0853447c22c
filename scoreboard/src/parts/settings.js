/* Language and colours, changed in place. */
import { html } from '../html.js';
import { useBoard, useWords } from '../board.js';
import { THEMES } from '../prefs.js';
import { Icon } from './icon.js';

const GLYPHS = { auto: 'auto', light: 'sun', dark: 'moon' };

export function Settings() {
    const { prefs, setPrefs } = useBoard();
    const { t, language } = useWords();
    const next = THEMES[(THEMES.indexOf(prefs.theme) + 1) % THEMES.length];
    const theme = t(`theme_${prefs.theme}`);
    const other = language === 'zh' ? 'en' : 'zh';
    return html`<div class="settings" role="group" aria-label=${t('settings')}>
        <button type="button" class="quiet" data-setting="language" title=${t('language_switch')}
            onClick=${() => setPrefs({ ...prefs, language: other })}
            lang=${other === 'zh' ? 'zh-CN' : 'en'}>${t('language_other')}</button>
        <button type="button" class="quiet" data-setting="theme"
            title=${t('theme_switch', { theme })}
            onClick=${() => setPrefs({ ...prefs, theme: next })}>
            <${Icon} name=${GLYPHS[prefs.theme]} /><span>${theme}</span></button></div>`;
}

export function Views({ drill, view }) {
    const { t } = useWords();
    const links = [['list', '#/'], ['wall', `#/drills/${drill}`],
        ['control', `#/drills/${drill}/control`], ['team', `#/drills/${drill}/team`],
        ['office', `#/drills/${drill}/office`]];
    return html`<nav class="views" aria-label=${t('views')}>${links.map(([name, href]) => html`
        <a key=${name} href=${href} aria-current=${name === view ? 'page' : undefined}
            >${t(`view_${name}`)}</a>`)}</nav>`;
}

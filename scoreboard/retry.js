// A classic script, loaded before the modules: when one of them does not arrive (a browser on the
// range's own host drops its loads while a bridge comes up), the page is loaded again, a few times.
(() => {
    const KEY = 'yanwu.reloads';
    const MOST = 5;
    addEventListener('error', (event) => {
        const tries = Number(sessionStorage.getItem(KEY) ?? 0);
        if (!(event.target instanceof HTMLScriptElement) || tries >= MOST) return;
        sessionStorage.setItem(KEY, String(tries + 1));
        setTimeout(() => location.reload(), 500 * (tries + 1));
    }, true);
    addEventListener('load', () => {
        if (document.querySelector('#board > *')) sessionStorage.removeItem(KEY);
    });
})();

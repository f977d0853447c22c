/* <yw-sheet>: a style sheet that a library would write into the page. The content security policy
 * lets no <style> in, but a page may adopt sheets that its scripts build; this element's text
 * becomes one. See scoreboard/build, which makes the terminal use it. */
class Sheet extends HTMLElement {
    #sheet = new CSSStyleSheet();

    get textContent() {
        return '';
    }

    set textContent(text) {
        this.#sheet.replaceSync(text);
    }

    connectedCallback() {
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
    }

    disconnectedCallback() {
        document.adoptedStyleSheets = document.adoptedStyleSheets
            .filter((sheet) => sheet !== this.#sheet);
    }
}

export function defineSheet() {
    if (!customElements.get('yw-sheet')) {
        customElements.define('yw-sheet', Sheet);
    }
}

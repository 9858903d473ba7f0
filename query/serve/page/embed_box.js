/* embed_box.js - a search box on any page, where its one line stands:
 *
 *     <script src="https://reviews.example/embed.js" data-label="Search our reviews" async></script>
 *
 * The box is a form that leads to the search page of the server the script came from. It lives in a shadow tree, so that
 * neither page's styles reach the other. Completion works where the server lets this page's origin read its answers, and is
 * silently left out where it does not. data-label, data-button and data-target change words and where the answer opens. */

const script = document.currentScript;

/* The fonts and colours of the page around it show through: only what a box needs is set. */
const STYLE = `
:host { display: block; position: relative; max-width: 36rem; font: inherit; color: inherit }
form { display: flex; gap: .5rem }
input, button { font: inherit; padding: .5em .75em; border: 1px solid #767676; border-radius: .375rem }
input { flex: 1; min-width: 0; background: Field; color: FieldText }
button { background: ButtonFace; color: ButtonText; cursor: pointer }
input:focus-visible, button:focus-visible { outline: 2px solid Highlight; outline-offset: 2px }
ul { position: absolute; z-index: 1000; inset-inline: 0; top: 100%; margin: .25rem 0 0; padding: .25rem; list-style: none;
     background: Canvas; color: CanvasText; border: 1px solid #767676; border-radius: .375rem }
ul[hidden] { display: none }
li { display: flex; justify-content: space-between; gap: 1rem; padding: .375em .625em; border-radius: .25rem; cursor: pointer }
li[aria-selected=true], li:hover { background: Highlight; color: HighlightText }
.count { font-size: .85em }
`;

function element(name, attributes) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

function box() {
    const base = new URL(".", script.src), label = script.dataset.label || "Search reviews";
    const host = document.createElement("div"), root = host.attachShadow({mode: "open"});
    const sheet = new CSSStyleSheet();  /* constructed: it needs no leave from the page's policy */
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const form = element("form", {role: "search", action: base.href, target: script.dataset.target || "_self"});
    const input = element("input", {type: "search", name: "q", "aria-label": label, placeholder: label, autocomplete: "off",
                                    enterkeyhint: "search", maxlength: "500"});
    const button = element("button", {type: "submit"}), list = element("ul", {id: "completions", "aria-label": "Suggestions"});
    button.textContent = script.dataset.button || "Search";
    form.append(input, button);
    root.append(form, list);
    script.after(host);
    attachCompletion(input, list, new URL("complete", base));
}

if (script) box();

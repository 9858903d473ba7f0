/* combobox.js - completion of what is typed into an input, as the ARIA Authoring Practices describe a combobox with a list
 * and manual selection: focus stays in the input, aria-activedescendant says which option is meant. Part of /search.js
 * and of /embed.js (page_assets.cmake puts them together). Nothing is ever made of markup: options are text nodes. */

const COMPLETE_AFTER_MS = 50;       /* of silence: a quick typist asks once a word */
const COMPLETE_AT_MOST = 8;

/* input: an <input> in a form; list: an empty <ul> beside it with an id; endpoint: the URL of /complete. The input's form is
 * submitted when an option is chosen. An endpoint that cannot be asked is not asked again. */
function attachCompletion(input, list, endpoint) {
    let timer = 0, request = null, options = [], active = -1, isAnswering = true;

    function close() {
        clearTimeout(timer);
        if (request) request.abort();
        options = [];
        active = -1;
        list.replaceChildren();
        list.hidden = true;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }

    function activate(index) {
        if (active >= 0) list.children[active].setAttribute("aria-selected", "false");
        active = index;
        if (active < 0) {
            input.removeAttribute("aria-activedescendant");
            return;
        }
        const option = list.children[active];
        option.setAttribute("aria-selected", "true");
        option.scrollIntoView({block: "nearest"});
        input.setAttribute("aria-activedescendant", option.id);
    }

    function choose(index) {
        input.value = options[index].text;
        close();
        input.form.requestSubmit();
    }

    function optionElement(option, index) {
        const element = document.createElement("li"), text = document.createElement("bdi"),
              count = document.createElement("span");
        element.id = list.id + "-" + index;
        element.setAttribute("role", "option");
        element.setAttribute("aria-selected", "false");
        text.textContent = option.text;
        count.className = "count";
        count.setAttribute("aria-hidden", "true");
        count.textContent = option.count.toLocaleString("en");
        element.append(text, count);
        element.addEventListener("click", () => choose(index));
        return element;
    }

    function show(found) {
        options = found.slice(0, COMPLETE_AT_MOST);
        active = -1;
        input.removeAttribute("aria-activedescendant");
        list.replaceChildren(...options.map(optionElement));
        list.hidden = options.length === 0;
        input.setAttribute("aria-expanded", String(options.length > 0));
    }

    async function ask() {
        const typed = input.value;
        if (request) request.abort();
        request = new AbortController();
        try {
            const url = new URL(endpoint);
            url.searchParams.set("q", typed);
            url.searchParams.set("n", String(COMPLETE_AT_MOST));
            const answer = await fetch(url, {signal: request.signal, credentials: "omit"});
            if (!answer.ok) throw new Error(answer.statusText);
            const found = await answer.json();
            if (input.value === typed && input.matches(":focus")) show(found.completions);
        } catch (error) {
            if (error.name === "AbortError") return;
            isAnswering = false;
            close();
        }
    }

    function typed(event) {
        clearTimeout(timer);
        if (event.isComposing || !isAnswering) return;
        if (input.value.trim() === "") close();
        else timer = setTimeout(ask, COMPLETE_AFTER_MS);
    }

    function pressed(event) {
        if (event.isComposing) return;
        const isOpen = options.length > 0;
        if ((event.key === "ArrowDown" || event.key === "ArrowUp") && isOpen) {
            /* -1, nothing, is one of the places that the arrows go through. */
            const places = options.length + 1, step = event.key === "ArrowDown" ? 1 : places - 1;
            activate((active + 1 + step) % places - 1);
        } else if (event.key === "ArrowDown" && isAnswering && input.value.trim() !== "") {
            ask();
        } else if (event.key === "Enter" && active >= 0) {
            choose(active);
        } else if (event.key === "Escape" && isOpen) {
            close();
        } else {
            if (event.key === "Tab" || event.key === "Enter") close();
            return;
        }
        event.preventDefault();
    }

    list.setAttribute("role", "listbox");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    close();
    input.addEventListener("input", typed);
    input.addEventListener("keydown", pressed);
    input.addEventListener("blur", close);
    input.form.addEventListener("submit", close);
    list.addEventListener("pointerdown", (event) => event.preventDefault()); /* focus stays where it is */
}

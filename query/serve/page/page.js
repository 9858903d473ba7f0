/* page.js - what the page does more with a script: completion, and results that are exchanged without loading the page
 * anew. The server's answer is the same page either way: it is fetched under the address that a link or the form names, its
 * results are put in place of those that stand there, and the history gets that address. Whatever goes wrong, the browser
 * follows the link as if there were no script. */

const form = document.getElementById("search"), input = document.getElementById("q");
const live = document.getElementById("live");
let request = null;

/* The address the form stands for, without what was left empty: addresses are shared. */
function formAddress() {
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) {
        if (value !== "") address.searchParams.append(name, value);
    }
    return address;
}

/* Takes from a fetched page what differs: the results, the filters that the form keeps, the title. */
function replaceResults(fetched) {
    const results = fetched.getElementById("page"), kept = fetched.getElementById("kept");
    if (!results || !kept) throw new Error("not a page of ours");
    document.getElementById("page").replaceWith(document.adoptNode(results));
    document.getElementById("kept").replaceWith(document.adoptNode(kept));
    document.title = fetched.title;
    input.value = fetched.getElementById("q").getAttribute("value") || "";
    live.textContent = document.getElementById("total")?.textContent || "";
}

async function show(address) {
    if (request) request.abort();
    const own = request = new AbortController();
    document.documentElement.classList.add("waiting");
    try {
        const answer = await fetch(address, {signal: own.signal, headers: {Accept: "text/html"}});
        const text = await answer.text();
        if (own.signal.aborted) return false;
        replaceResults(new DOMParser().parseFromString(text, "text/html"));
        return true;
    } finally {
        if (request === own) document.documentElement.classList.remove("waiting");
    }
}

async function go(address) {
    history.replaceState({top: scrollY}, "");
    try {
        if (!await show(address)) return;
        history.pushState({top: 0}, "", address);
        scrollTo(0, 0);
        if (document.activeElement !== input) document.getElementById("results").focus({preventScroll: true});
    } catch (error) {
        if (error.name !== "AbortError") location.assign(address);
    }
}

/* Links inside the results that lead to another answer of this page. */
function answerAddress(event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
    const link = event.target.closest("#page a[href], a.home");
    if (!link || link.target || link.hasAttribute("download")) return null;
    const address = new URL(link.href);
    const isSamePage = address.origin === location.origin && address.pathname === location.pathname;
    return isSamePage && address.hash === "" ? address : null;
}

document.addEventListener("click", (event) => {
    const address = answerAddress(event);
    if (!address) return;
    event.preventDefault();
    go(address);
});

form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(formAddress());
});

document.addEventListener("change", (event) => {
    if (event.target.id === "sort") form.requestSubmit();
});

/* "/" goes to the box, as on many sites; not from a place where one types. */
document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
    input.select();
});

addEventListener("popstate", async (event) => {
    if (location.hash !== "" && !event.state) return;
    try {
        if (await show(location.href)) scrollTo(0, event.state?.top || 0);
    } catch (error) {
        if (error.name !== "AbortError") location.reload();
    }
});

/* Results come later than the moment at which a browser would put the page back where it was. */
history.scrollRestoration = "manual";
addEventListener("pagehide", () => history.replaceState({top: scrollY}, ""));
if (history.state?.top) scrollTo(0, history.state.top);

document.documentElement.classList.add("scripted");
const completions = document.getElementById("completions");
if (completions) attachCompletion(input, completions, new URL("complete", form.action));

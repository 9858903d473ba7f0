/* page_assets.c - the files of the page, built into the program. */
#include "query/serve/page/page.h"

static const char style[] = "body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}\n"
                            "mark{background:#fe8}\n.body{white-space:pre-wrap}\n.warning,.problem{color:#a30}\n";

static const struct page_asset assets[] = {
    {"/search.css", "text/css; charset=utf-8", (const uint8_t *)style, sizeof style - 1, "1"},
};

const struct page_asset *page_asset_find(struct view path) {
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++)
        if (view_equal(path, view_of_string(assets[i].path))) return &assets[i];
    return NULL;
}

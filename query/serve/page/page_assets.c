/* page_assets.c - finds the files of the page by their paths. */
#include "query/serve/page/page_assets.h"

const struct page_asset *page_asset_find(struct view path) {
    for (size_t i = 0; i < page_asset_count; i++) {
        if (view_equal(path, view_of_string(page_assets[i].path))) return &page_assets[i];
    }
    return NULL;
}

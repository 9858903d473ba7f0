/* page_assets.h - the files of the page, which page_assets.cmake turns into C. */
#ifndef REVUE_PAGE_ASSETS_H
#define REVUE_PAGE_ASSETS_H

#include "query/serve/page/page.h"

extern const struct page_asset page_assets[];
extern const size_t page_asset_count;

#endif

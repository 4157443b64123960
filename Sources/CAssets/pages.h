// The files of the web UI, after those of assets.c.
#pragma once
#include "CAssets.h"

// The page with this index, or one whose name is NULL past the last.
struct roost_asset roost_page_at(size_t index);

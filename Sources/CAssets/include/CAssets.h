// Files of the repository as bytes in the program.
#pragma once
#include <stddef.h>

struct roost_asset {
    const char *name;            // path within the repository
    const unsigned char *bytes;
    size_t count;
};

// The asset with this index, or one whose name is NULL past the last.
struct roost_asset roost_asset_at(size_t index);

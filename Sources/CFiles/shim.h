// What the C library offers of files and Swift's module of it leaves out, since it wants _GNU_SOURCE.
#ifndef ROOST_FILES_SHIM_H
#define ROOST_FILES_SHIM_H

#include <stdint.h>

extern int sync_file_range(int descriptor, int64_t offset, int64_t count, unsigned int flags);

// Has the system begin to write all of a file that the disk does not have yet (SYNC_FILE_RANGE_WRITE), without a wait.
static inline int roost_begin_sync(int descriptor) { return sync_file_range(descriptor, 0, 0, 2); }

#endif

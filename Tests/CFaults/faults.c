// See the header. The layer's state is one for the process: a suite that uses it runs its tests one after the other.
#include "CFaults.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char faults_name[] = "faults";

// What a file held where a call has changed it since it was last synced.
struct change {
    char *path;
    sqlite3_int64 offset;
    sqlite3_int64 size;  // of the file before
    int count;
    struct change *before;
    unsigned char bytes[];
};

static struct {
    pthread_mutex_t lock;
    int kinds, code;
    long left;
    bool stays, fired, remembers, is_cut;
    struct change *changes;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct wrapped {
    sqlite3_file base;
    const char *path;    // SQLite keeps it as long as the file is open
    sqlite3_file *real;  // right behind this struct
};

static sqlite3_vfs layer;
static sqlite3_vfs *below;

// What a call of this kind is answered with before it is made: SQLITE_OK to make it.
static int fault(int kind) {
    pthread_mutex_lock(&state.lock);
    int code = SQLITE_OK;
    if (state.kinds & kind) {
        if (state.left > 0) state.left--;
        if (state.left == 0 && (state.stays || !state.fired)) {
            state.fired = true;
            code = state.code;
        }
    }
    pthread_mutex_unlock(&state.lock);
    return code;
}

static sqlite3_file *real(sqlite3_file *file) { return ((struct wrapped *)file)->real; }

// Notes what is about to be overwritten. The lock is held.
static void remember(sqlite3_file *file, sqlite3_int64 offset, sqlite3_int64 count) {
    struct wrapped *wrapped = (struct wrapped *)file;
    if (!state.remembers || !wrapped->path) return;
    sqlite3_int64 size = 0;
    real(file)->pMethods->xFileSize(real(file), &size);
    sqlite3_int64 kept = offset < size ? (offset + count <= size ? count : size - offset) : 0;
    struct change *change = malloc(sizeof *change + (size_t)kept);
    if (!change) abort();
    change->path = strdup(wrapped->path);
    change->offset = offset;
    change->size = size;
    change->count = (int)kept;
    if (kept > 0) real(file)->pMethods->xRead(real(file), change->bytes, (int)kept, offset);
    change->before = state.changes;
    state.changes = change;
}

static void forget(struct change **link) {
    struct change *change = *link;
    *link = change->before;
    free(change->path);
    free(change);
}

static int on_close(sqlite3_file *file) {
    int result = real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
    file->pMethods = NULL;
    return result;
}

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = fault(FAULTS_READ);
    return code ? code : real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    int code = fault(FAULTS_WRITE);
    if (code) {
        // A disk that fails in the middle has written a part.
        if (count > 1) real(file)->pMethods->xWrite(real(file), bytes, count / 2, offset);
        return code;
    }
    pthread_mutex_lock(&state.lock);
    if (!state.is_cut) {
        remember(file, offset, count);
        code = real(file)->pMethods->xWrite(real(file), bytes, count, offset);
    }
    pthread_mutex_unlock(&state.lock);
    return code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size) {
    int code = fault(FAULTS_TRUNCATE);
    if (code) return code;
    pthread_mutex_lock(&state.lock);
    if (!state.is_cut) {
        sqlite3_int64 now = 0;
        real(file)->pMethods->xFileSize(real(file), &now);
        if (now > size) remember(file, size, now - size);
        code = real(file)->pMethods->xTruncate(real(file), size);
    }
    pthread_mutex_unlock(&state.lock);
    return code;
}

static int on_sync(sqlite3_file *file, int flags) {
    int code = fault(FAULTS_SYNC);
    if (code) return code;
    pthread_mutex_lock(&state.lock);
    if (!state.is_cut) {
        const char *path = ((struct wrapped *)file)->path;
        // The real call is left out while changes are kept: the layer itself says what would last.
        if (!state.remembers) code = real(file)->pMethods->xSync(real(file), flags);
        for (struct change **link = &state.changes; path && *link;) {
            if (strcmp((*link)->path, path) == 0) {
                forget(link);
            } else {
                link = &(*link)->before;
            }
        }
    }
    pthread_mutex_unlock(&state.lock);
    return code;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size) { return real(file)->pMethods->xFileSize(real(file), size); }

static int on_lock(sqlite3_file *file, int level) {
    int code = fault(FAULTS_LOCK);
    return code ? code : real(file)->pMethods->xLock(real(file), level);
}

static int on_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }

static int on_check_lock(sqlite3_file *file, int *result) {
    return real(file)->pMethods->xCheckReservedLock(real(file), result);
}

static int on_control(sqlite3_file *file, int operation, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int on_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }

// None of the promises that some file systems make: what is not synced may be lost in any part.
static int on_characteristics(sqlite3_file *file) {
    (void)file;
    return 0;
}

static int on_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    int code = fault(FAULTS_SHARED_MEMORY);
    return code ? code : real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}

static int on_memory_lock(sqlite3_file *file, int offset, int count, int flags) {
    // A lock that cannot be given back would be a defect of the system, not a fault.
    int code = flags & SQLITE_SHM_LOCK ? fault(FAULTS_LOCK) : SQLITE_OK;
    return code ? code : real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void on_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }

static int on_unmap(sqlite3_file *file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_map,
    .xShmLock = on_memory_lock,
    .xShmBarrier = on_barrier,
    .xShmUnmap = on_unmap,
};

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *given) {
    (void)vfs;
    struct wrapped *wrapped = (struct wrapped *)file;
    wrapped->base.pMethods = NULL;
    wrapped->path = path;
    wrapped->real = (sqlite3_file *)(wrapped + 1);
    int code = fault(FAULTS_OPEN);
    if (code == SQLITE_OK) code = below->xOpen(below, path, wrapped->real, flags, given);
    if (code == SQLITE_OK) wrapped->base.pMethods = &methods;
    return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    int code = fault(FAULTS_DELETE);
    if (code) return code;
    // A deleted file may come back after a cut: the strictest reading is that it always does.
    pthread_mutex_lock(&state.lock);
    bool skip = state.is_cut;
    pthread_mutex_unlock(&state.lock);
    return skip ? SQLITE_OK : below->xDelete(below, path, sync);
}

int faults_register(void) {
    if (layer.zName) return SQLITE_OK;
    below = sqlite3_vfs_find(NULL);
    if (!below) return SQLITE_ERROR;
    layer = *below;
    layer.pNext = NULL;
    layer.zName = faults_name;
    layer.szOsFile = (int)sizeof(struct wrapped) + below->szOsFile;
    layer.xOpen = on_open;
    layer.xDelete = on_delete;
    return sqlite3_vfs_register(&layer, 0);
}

void faults_arm(int kinds, long count, int code, bool stays) {
    pthread_mutex_lock(&state.lock);
    state.kinds = kinds;
    state.left = count;
    state.code = code;
    state.stays = stays;
    state.fired = false;
    pthread_mutex_unlock(&state.lock);
}

bool faults_disarm(void) {
    pthread_mutex_lock(&state.lock);
    bool fired = state.fired;
    state.kinds = 0;
    state.fired = false;
    pthread_mutex_unlock(&state.lock);
    return fired;
}

void faults_remember(void) {
    pthread_mutex_lock(&state.lock);
    state.remembers = true;
    pthread_mutex_unlock(&state.lock);
}

void faults_cut_power(void) {
    pthread_mutex_lock(&state.lock);
    state.is_cut = true;
    pthread_mutex_unlock(&state.lock);
}

bool faults_power_is_cut(void) {
    pthread_mutex_lock(&state.lock);
    bool is_cut = state.is_cut;
    pthread_mutex_unlock(&state.lock);
    return is_cut;
}

long faults_restore_power(void) {
    pthread_mutex_lock(&state.lock);
    long lost = 0;
    // Newest first, so that each file ends as it was before its first change.
    while (state.changes) {
        struct change *change = state.changes;
        int file = open(change->path, O_WRONLY);
        if (file < 0 || pwrite(file, change->bytes, (size_t)change->count, change->offset) != change->count
            || ftruncate(file, change->size) != 0) {
            lost = -1;
        } else if (lost >= 0) {
            lost++;
        }
        if (file >= 0) close(file);
        forget(&state.changes);
    }
    state.remembers = false;
    state.is_cut = false;
    pthread_mutex_unlock(&state.lock);
    return lost;
}

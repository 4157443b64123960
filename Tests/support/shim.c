// Loaded into a server before the C library (LD_PRELOAD): counts its calls to the disk and does something at the n-th one.
// What and when stands in a file that the test and the server both map, so that a running server can be armed.
// Only regular files count, and only descriptors above 2: sockets and the log are left alone. SQLite's requests for memory
// count, too: it can be refused some. Swift cannot, so its own are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind {
    KIND_WRITE = 1, KIND_SYNC = 2, KIND_RENAME = 4, KIND_OPEN = 8, KIND_TRUNCATE = 16, KIND_REMOVE = 32, KIND_MAKE = 64,
    KIND_READ = 128, KIND_ALLOCATE = 256, KIND_LOCK = 512,
};
enum action { FAIL = 1, KILL, TEAR, WAIT, SHORT };

// The same order as in shim.py, each 8 bytes.
struct control {
    uint64_t kinds;    // which calls count; 0 is unarmed
    uint64_t at;       // which of them, counted from 1
    uint64_t more;     // and so many after it
    uint64_t action;
    uint64_t error;    // of FAIL
    uint64_t counted;  // calls so far
    uint64_t fired;    // how often something was done
    uint64_t waiting;  // calls that wait now
};

static struct control *control;
static void count_allocations(void);

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("ROOST_SHIM_CONTROL");
    if (!path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *place = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place != MAP_FAILED) control = place;
    count_allocations();
}

// What to do with a call: 0 to make it.
static int meet(int kind) {
    if (!control || !(__atomic_load_n(&control->kinds, __ATOMIC_SEQ_CST) & kind)) return 0;
    uint64_t number = __atomic_add_fetch(&control->counted, 1, __ATOMIC_SEQ_CST);
    if (number < control->at || number - control->at > control->more) return 0;
    __atomic_add_fetch(&control->fired, 1, __ATOMIC_SEQ_CST);
    switch (control->action) {
        case KILL: kill(getpid(), SIGKILL); for (;;) pause();
        case WAIT:
            __atomic_add_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
            while (__atomic_load_n(&control->kinds, __ATOMIC_SEQ_CST) & kind) usleep(2000);
            __atomic_sub_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
            return 0;
        case FAIL: errno = (int)control->error; return FAIL;
        default: return (int)control->action;
    }
}

static sqlite3_mem_methods memory;

static void *allocate(int count) { return meet(KIND_ALLOCATE) == FAIL ? NULL : memory.xMalloc(count); }

static void *enlarge(void *place, int count) {
    return meet(KIND_ALLOCATE) == FAIL ? NULL : memory.xRealloc(place, count);
}

// Puts itself between SQLite and its memory. The library is there by now, and nobody has used it yet.
static void count_allocations(void) {
    int (*configure)(int, ...) = (int (*)(int, ...))dlsym(RTLD_DEFAULT, "sqlite3_config");
    if (!control || !configure || configure(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK) return;
    sqlite3_mem_methods counted = memory;
    counted.xMalloc = allocate;
    counted.xRealloc = enlarge;
    configure(SQLITE_CONFIG_MALLOC, &counted);
}

static int is_file(int descriptor) {
    struct stat status;
    if (!control || !control->kinds || descriptor <= 2) return 0;
    int before = errno;
    int answer = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    errno = before;
    return answer;
}

// A write is torn: its first half reaches the file, and the process dies.
static void tear(int descriptor, const void *bytes, size_t count, off_t offset, int has_offset) {
    static ssize_t (*at)(int, const void *, size_t, off_t);
    static ssize_t (*plain)(int, const void *, size_t);
    if (!at) at = dlsym(RTLD_NEXT, "pwrite");
    if (!plain) plain = dlsym(RTLD_NEXT, "write");
    ssize_t done = has_offset ? at(descriptor, bytes, count / 2, offset) : plain(descriptor, bytes, count / 2);
    (void)done;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define PLAIN(kind, result, name, parameters, arguments) \
    result name parameters { \
        NEXT(name); \
        if (meet(kind) == FAIL) return -1; \
        return next arguments; \
    }

#define ON_FILE(kind, result, name, parameters, arguments) \
    result name parameters { \
        NEXT(name); \
        if (is_file(descriptor) && meet(kind) == FAIL) return -1; \
        return next arguments; \
    }

ssize_t write(int descriptor, const void *bytes, size_t count) {
    NEXT(write);
    if (is_file(descriptor)) switch (meet(KIND_WRITE)) {
        case FAIL: return -1;
        case TEAR: tear(descriptor, bytes, count, 0, 0); break;
        case SHORT: return next(descriptor, bytes, count > 1 ? count / 2 : count);
    }
    return next(descriptor, bytes, count);
}

#define POSITIONED(name, type) \
    ssize_t name(int descriptor, const void *bytes, size_t count, type offset) { \
        NEXT(name); \
        if (is_file(descriptor)) switch (meet(KIND_WRITE)) { \
            case FAIL: return -1; \
            case TEAR: tear(descriptor, bytes, count, offset, 1); break; \
            case SHORT: return next(descriptor, bytes, count > 1 ? count / 2 : count, offset); \
        } \
        return next(descriptor, bytes, count, offset); \
    }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

ON_FILE(KIND_WRITE, ssize_t, sendfile, (int descriptor, int in, off_t *offset, size_t count), (descriptor, in, offset, count))
ON_FILE(KIND_READ, ssize_t, pread, (int descriptor, void *bytes, size_t count, off_t offset), (descriptor, bytes, count, offset))
ON_FILE(KIND_READ, ssize_t, pread64, (int descriptor, void *bytes, size_t count, off64_t offset), (descriptor, bytes, count, offset))
ON_FILE(KIND_TRUNCATE, int, ftruncate, (int descriptor, off_t size), (descriptor, size))
ON_FILE(KIND_TRUNCATE, int, ftruncate64, (int descriptor, off64_t size), (descriptor, size))
// Directories are synced, too.
PLAIN(KIND_SYNC, int, fsync, (int descriptor), (descriptor))
PLAIN(KIND_SYNC, int, fdatasync, (int descriptor), (descriptor))
PLAIN(KIND_RENAME, int, rename, (const char *from, const char *to), (from, to))
PLAIN(KIND_RENAME, int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
PLAIN(KIND_REMOVE, int, unlink, (const char *path), (path))
PLAIN(KIND_REMOVE, int, unlinkat, (int place, const char *path, int flags), (place, path, flags))
PLAIN(KIND_MAKE, int, mkdir, (const char *path, mode_t mode), (path, mode))
PLAIN(KIND_MAKE, int, mkdirat, (int place, const char *path, mode_t mode), (place, path, mode))

#define OPENING(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        NEXT(name); \
        if (meet(KIND_OPEN) == FAIL) return -1; \
        return next(path, flags, mode); \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name) \
    int name(int place, const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        NEXT(name); \
        if (meet(KIND_OPEN) == FAIL) return -1; \
        return next(place, path, flags, mode); \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

ON_FILE(KIND_LOCK, int, flock, (int descriptor, int operation), (descriptor, operation))

#define CONTROLLING(name) \
    int name(int descriptor, int command, ...) { \
        va_list rest; \
        va_start(rest, command); \
        void *argument = va_arg(rest, void *); \
        va_end(rest); \
        NEXT(name); \
        if ((command == F_SETLK || command == F_SETLKW) && is_file(descriptor) && meet(KIND_LOCK) == FAIL) return -1; \
        return next(descriptor, command, argument); \
    }
CONTROLLING(fcntl)
CONTROLLING(fcntl64)

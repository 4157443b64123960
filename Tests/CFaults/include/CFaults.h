// A file layer for SQLite that fails on demand and forgets what was not synced. For tests alone.
#include <stdbool.h>

// Kinds of calls, to be combined.
enum faults_kind {
    FAULTS_OPEN = 1,
    FAULTS_READ = 2,
    FAULTS_WRITE = 4,
    FAULTS_TRUNCATE = 8,
    FAULTS_SYNC = 16,
    FAULTS_LOCK = 32,
    FAULTS_SHARED_MEMORY = 64,
    FAULTS_DELETE = 128,
};

// The name under which `faults_register` makes the layer known.
extern const char faults_name[];

// Makes the layer known to SQLite, over the default one. 0 on success; may be called again.
int faults_register(void);

// From now on the `count`th call of the kinds fails with this result code of SQLite: once, or it and all after it.
void faults_arm(int kinds, long count, int code, bool stays);

// Lets all calls pass. True if a call has failed since `faults_arm`.
bool faults_disarm(void);

// Keeps what each write overwrites until the file is synced.
void faults_remember(void);

// The power is cut: calls succeed from now on and change nothing.
void faults_cut_power(void);

// True between the two calls.
bool faults_power_is_cut(void);

// The power is back: every file is as it was when it was last synced. Call it when no connection is open.
// The number of writes that were lost, or -1 if a file could not be restored.
long faults_restore_power(void);

#define _GNU_SOURCE
#include "CHost.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int roost_begin_sync(int descriptor) { return sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

// Only segments that nobody can have written to: of others the changes would be lost.
static int let_go(struct dl_phdr_info *program, size_t size, void *unused) {
    (void)size;
    (void)unused;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & (PF_X | PF_W)) != PF_X) continue;
        const uintptr_t from = (program->dlpi_addr + segment->p_vaddr + page - 1) / page * page;
        const uintptr_t to = (program->dlpi_addr + segment->p_vaddr + segment->p_memsz) / page * page;
        if (from < to) madvise((void *)from, to - from, MADV_DONTNEED);
    }
    // The program itself comes first; the libraries are shared with others.
    return 1;
}

void roost_let_go_of_instructions(void) { dl_iterate_phdr(let_go, NULL); }

// What the system offers and Swift's module of the C library leaves out.
#ifndef ROOST_HOST_H
#define ROOST_HOST_H

// Has the system begin to write all of a file that the disk does not have yet, without a wait. 0, or -1 with errno.
int roost_begin_sync(int descriptor);

// Lets go of the memory that holds this program's instructions: what is still needed comes back from the file, page by page.
void roost_let_go_of_instructions(void);

#endif

/* epoll for Swift: the Glibc module does not include this header. */
#pragma once
#include <sys/epoll.h>

/* under_qemu.c - a program that stands where a program for another processor should, and runs that one, PROGRAM.foreign
 * beside it, under qemu-user. Linked statically: what is to be preloaded is for the other processor, and handed on to it.
 *
 * QEMU is the path of qemu-user, SYSROOT the folder of the libraries. qemu keeps a table of all pages that are mapped, so
 * the address space ends early, unless QEMU_RESERVED_VA says where: the map of a store then takes a part of what there is
 * (indexer/store/environment.c). */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS_SPACE "8G"
#define OWN_ARGUMENTS 8

int main(int argc, char **argv) {
    static char program[PATH_MAX], preloaded[PATH_MAX];
    const char suffix[] = ".foreign";
    const char *preload = getenv("LD_PRELOAD");
    char **arguments = calloc((size_t)argc + OWN_ARGUMENTS, sizeof *arguments), **next = arguments;
    const ssize_t size = readlink("/proc/self/exe", program, sizeof program - sizeof suffix);
    if (!arguments || size < 0) return 126;
    memcpy(program + size, suffix, sizeof suffix);
    char *const own[] = {QEMU, "-L", SYSROOT, "-0", argv[0]};
    memcpy(next, own, sizeof own);
    next += sizeof own / sizeof own[0];
    (void)setenv("QEMU_RESERVED_VA", ADDRESS_SPACE, 0);
    if (preload) {
        (void)snprintf(preloaded, sizeof preloaded, "LD_PRELOAD=%s", preload);
        *next++ = "-E";
        *next++ = preloaded;
        (void)unsetenv("LD_PRELOAD");
    }
    *next++ = program;
    memcpy(next, argv + 1, (size_t)(argc - 1) * sizeof *argv);
    (void)execv(QEMU, arguments);
    perror(QEMU);
    return 126;
}

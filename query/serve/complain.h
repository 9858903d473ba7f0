/* complain.h - what goes wrong, on standard error: at most a few lines a second, however many requests meet it, and then
 * how many more there were. Thread-safe. */
#ifndef REVUE_SERVE_COMPLAIN_H
#define REVUE_SERVE_COMPLAIN_H

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

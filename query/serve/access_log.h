/* access_log.h - a line for each request: JSON, or the combined format that log analysers know. Lines are written whole,
 * with one write, to a file opened for appending: several threads, and whoever rotates the file, do no harm to them. */
#ifndef REVUE_SERVE_ACCESS_LOG_H
#define REVUE_SERVE_ACCESS_LOG_H

#include "query/serve/exchange.h"

struct access_log;
/* path "-": standard output. */
revue_status access_log_open(struct access_log **opened, const char *path, enum log_format format, revue_error *error);
void access_log_close(struct access_log *log); /* NULL is fine */
/* Opens the path anew, after the file was moved away. The old one stays when that fails. */
void access_log_reopen(struct access_log *log);
void access_log_write(struct access_log *log, const struct exchange *exchange, double seconds);

#endif

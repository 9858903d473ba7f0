/* stem_memo.h - the stems of forms that were asked for lately. Texts that are shown are analysed word by word, and most
 * words of a text are the same few thousand: looking a stem up takes a tenth of what making it does. One thread. */
#ifndef REVUE_TEXT_STEM_MEMO_H
#define REVUE_TEXT_STEM_MEMO_H

#include "indexer/text/fold.h"

struct stem_memo;
struct stem_memo *stem_memo_create(void);    /* grows to 512 KiB; NULL when out of memory */
void stem_memo_free(struct stem_memo *memo); /* NULL is fine */

/* The stem of a form, if it is still known. */
bool stem_memo_find(const struct stem_memo *memo, struct view form, enum language language, char stem[FORM_MAX],
                    size_t *size);
/* Takes the place of another form; long ones are not kept. */
void stem_memo_keep(struct stem_memo *memo, struct view form, enum language language, struct view stem);

#endif

/* charset.h - from whatever bytes a source has to UTF-8.
 *
 * A source is UTF-16 as a whole (byte order mark, or the pattern of its zero bytes); everything else is decided record by
 * record: a record that is valid UTF-8 is UTF-8; one that is not is UTF-8 with damage when it has more well-formed
 * multi-byte characters than ill-formed parts, else Windows-1252. Deciding per record and not per source has two reasons:
 * archives are glued together from files of different origin, and a source that grew is read from where reading stopped, so
 * that what a record says must not depend on the records before it. */
#ifndef REVUE_ARCHIVE_CHARSET_H
#define REVUE_ARCHIVE_CHARSET_H

#include "indexer/base/bytes.h"

enum charset { CHARSET_BYTES, CHARSET_UTF16_LE, CHARSET_UTF16_BE }; /* CHARSET_BYTES: UTF-8 or Windows-1252 */

/* Recognises UTF-16 from the first bytes of a source (some hundred; fewer only when it ends); *mark_size is the size of the
 * byte order mark, of UTF-8 too, to be skipped. */
enum charset charset_detect(struct view head, size_t *mark_size);

/* The text of one record. Valid UTF-8 is returned as it is; else *text points into scratch, which is overwritten.
 * False when out of memory. */
bool charset_decode(struct view record, struct bytes *scratch, struct view *text);

/* Appends Windows-1252 as UTF-8; the five bytes it does not define become U+0081, U+008D ... (WHATWG Encoding). */
void charset_append_windows_1252(struct bytes *out, struct view text);

/* UTF-16 as a stream: feed pieces of any size, finish at the end. Unpaired surrogates and a last odd byte become U+FFFD.
 * Failure to allocate is sticky in out. */
struct utf16_decoder {
    bool big_endian, has_byte;
    uint8_t byte;  /* the first half of a unit that was cut */
    uint32_t high; /* a high surrogate waiting for its low one, else 0 */
};
void utf16_decode(struct utf16_decoder *decoder, struct view piece, struct bytes *out);
void utf16_finish(struct utf16_decoder *decoder, struct bytes *out);

#endif

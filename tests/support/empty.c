/* empty.c - keeps the support library a library when it has no other source. */
typedef int empty_translation_unit;

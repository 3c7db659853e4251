/* Writing XML: libxml2's xmlTextWriter with the few calls that domains and networks need. Nothing
 * here fails: the writer works in memory, and being out of memory aborts. */
#ifndef LABRUN_DRIVER_XML_H
#define LABRUN_DRIVER_XML_H

#include "util/mem.h"

struct xml; /* opaque; one thread */

struct xml *xml_new(void);

/* Opens <NAME>; attributes and text that follow belong to it, until xml_close(). */
void xml_open(struct xml *x, const char *name);
void xml_close(struct xml *x);
/* NAME='VALUE' on the element that was just opened. */
void xml_attr(struct xml *x, const char *name, const char *value);
void xml_attrf(struct xml *x, const char *name, const char *fmt, ...) _printf_(3, 4);
/* Text inside the open element; escaped. */
void xml_text(struct xml *x, const char *text);
void xml_textf(struct xml *x, const char *fmt, ...) _printf_(2, 3);
/* <NAME>TEXT</NAME> */
void xml_leaf(struct xml *x, const char *name, const char *text);
void xml_leaff(struct xml *x, const char *name, const char *fmt, ...) _printf_(3, 4);
/* <NAME ATTR='VALUE' …/>: pairs of strings, ended by NULL. */
void xml_empty(struct xml *x, const char *name, ...) __attribute__((sentinel));

/* Closes what is open, ends the writer, and gives the document's element without an XML
 * declaration; owned. */
char *xml_finish(struct xml *x);

#endif

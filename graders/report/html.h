/* The HTML report, inside. The page (html.c), its head (html_headline.c), results with their
 * evidence (html_results.c), skills and hints (html_parts.c), time line and recordings
 * (html_time.c), the picture of the network (html_topology.c), the style sheet (html_style.c). */
#ifndef LABRUN_GRADERS_HTML_H
#define LABRUN_GRADERS_HTML_H

#include "graders/report/report.h"

extern const char html_style[];   /* CSS */
extern const char html_symbols[]; /* SVG: the shapes of verdicts, and patterns */

/* TEXT made harmless: plain_text() with what means something to HTML escaped. NULL adds nothing. */
void html_escape(struct strbuf *b, const char *text);
/* <TAG class=CLASS>TEXT</TAG>; only TEXT is escaped. CLASS may be NULL. */
void html_element(struct strbuf *b, const char *tag, const char *class, const char *text);
/* A verdict as a shape, a word and a colour: no one of them is needed to read it. */
void html_verdict(struct strbuf *b, enum verdict v);
/* The heading of a column: before the power cut, or after it; with HTML in it. */
const char *html_stage_name(const struct score_report *r, bool after);
/* <section><h2>HEADING</h2>, to be ended by html_section_end(). */
void html_section(struct strbuf *b, const char *class, const char *heading);
void html_section_end(struct strbuf *b);
/* A horizontal bar of PARTS per cent: what was got, and what could not be judged, of 100. */
void html_bar(struct strbuf *b, double got, double unknown, double mark, const char *label);
/* PART of WHOLE in per cent, within 0 and 100; 0 of nothing. */
double html_share(double part, double whole);
/* How many characters TEXT has, for laying out a picture. */
size_t html_length(const char *text);

/* The sections; each adds nothing when there is nothing to say. */
void html_headline(struct strbuf *b, const struct score_report *r);
void html_guards(struct strbuf *b, const struct score_report *r);
void html_checks(struct strbuf *b, const struct score_report *r);
void html_skills(struct strbuf *b, const struct score_report *r);
void html_hints(struct strbuf *b, const struct score_report *r);
void html_collateral(struct strbuf *b, const struct score_report *r);
void html_time_line(struct strbuf *b, const struct score_report *r);
void html_recordings(struct strbuf *b, const struct score_report *r);
void html_topology(struct strbuf *b, const struct score_report *r);

#endif

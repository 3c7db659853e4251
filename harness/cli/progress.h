/* Chatter on stderr: the sink of util/log.h.
 *
 * On a terminal, progress is one live line with a spinner and the seconds since the step began;
 * elsewhere it is one plain line a step, with the seconds since the command began. Warnings always
 * get a line of their own. Any thread may log. */
#ifndef LABRUN_CLI_PROGRESS_H
#define LABRUN_CLI_PROGRESS_H

#include "cli/cmd.h"

struct progress; /* opaque */

/* Installs the sink. FILE is stderr but in tests. NO_COLOR_ASKED: nothing moves, plain lines. */
struct progress *progress_begin(
    FILE *file, const char *program, enum verbosity verbosity, bool no_color_asked);
/* Takes the live line away until the next step is logged: before results, prompts, terminals. */
void progress_hide(struct progress *p);
/* Takes the live line and the sink away. NULL is fine. */
void progress_end(struct progress *p);

#endif

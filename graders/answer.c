/* Small values take a hundred times the room of their text: of the 4 MiB that a command may print,
 * "{},{},{}" would become hundreds of megabytes. So they are counted before they are parsed. */
#include "graders/answer.h"

bool answer_fits(const char *text, size_t len)
{
    size_t n = 0;
    bool quoted = false;
    for (size_t i = 0; i < len && n <= ANSWER_MAX_VALUES; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        else if (quoted)
            i += text[i] == '\\'; /* what follows does not end the text */
        else
            n += text[i] == '{' || text[i] == '[' || text[i] == ',';
    }
    return n <= ANSWER_MAX_VALUES;
}

json_t *answer_json(const char *text, size_t len, size_t flags, char **ret_why)
{
    if (!answer_fits(text, len)) {
        *ret_why = xstrdup("is too long to be judged");
        return NULL;
    }
    json_error_t e;
    json_t *j = json_loadb(text, len, flags, &e);
    if (!j)
        *ret_why = xasprintf("is not JSON (%s at line %d)", e.text, e.line);
    return j;
}

/* For tests of what is kept in a state folder: one that is theirs. */
#ifndef LABRUN_TESTS_RECORD_FIXTURE_H
#define LABRUN_TESTS_RECORD_FIXTURE_H

#include "util/fs.h"
#include <criterion/criterion.h>
#include <sys/stat.h>

static inline char *scratch(void)
{
    char *dir = xstrdup("/tmp/labrun-record-XXXXXX");
    cr_assert(mkdtemp(dir));
    return dir;
}

static inline void drop(const char *dir)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    cr_expect(tree_remove(dir, &err), "%s", err.message);
}

static inline mode_t mode_of(const char *state, const char *sub)
{
    _free_ char *path = path_join(state, sub);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    return st.st_mode & 07777;
}

#endif

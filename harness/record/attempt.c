#include "record/attempt.h"
#include "record/internal.h"
#include "record/state.h"
#include "util/deadline.h"
#include "util/fs.h"
#include "util/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define RECORDINGS_CAP ((uint64_t)1 << 30)

static char *clean_or_empty(const char *s)
{
    return s ? utf8_clean(s) : xstrdup("");
}

static bool sync_folder(const char *path, struct lr_error *err)
{
    _close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return lr_error_errno(err, errno, "syncing '%s'", path);
    return true;
}

/* "20261124T132512Z": sorts by time, and can be part of a file's name anywhere. */
static char *stamp(int64_t wall)
{
    time_t t = (time_t)(wall / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm);
    return xstrdup(text);
}

/* Makes the attempt's folder under a name that nobody else has; mkdir decides who was first. */
static bool claim_id(const char *state, const char *lab, int64_t wall, char **ret_id,
    char **ret_dir, struct lr_error *err)
{
    _free_ char *when = stamp(wall);
    for (int i = 1; i < 10000; i++) {
        _free_ char *id =
            i == 1 ? xasprintf("%s-%s", lab, when) : xasprintf("%s-%s-%d", lab, when, i);
        _free_ char *dir = state_path(state, STATE_ATTEMPTS, id);
        if (mkdir(dir, 0700) == 0) {
            *ret_id = STEAL(id);
            *ret_dir = STEAL(dir);
            return true;
        }
        if (errno != EEXIST)
            return lr_error_errno(err, errno, "making folder '%s'", dir);
    }
    return lr_error_set(err, LR_EINFRA, "too many attempts at '%s' in one second", lab);
}

static bool make_tree(const struct attempt *a, struct lr_error *err)
{
    static const char *const subs[] = {"grades", "recordings"};
    for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++) {
        _free_ char *path = path_join(a->dir, subs[i]);
        if (!dir_make(path, 0700, err))
            return false;
    }
    return attempt_save(a, err);
}

bool attempt_create(
    const char *state, const struct attempt_new *what, struct attempt **ret, struct lr_error *err)
{
    if (!state_name_ok(what->lab))
        return lr_error_set(err, LR_EUSAGE, "'%s' cannot be the name of a lab", what->lab);
    if (!state_init(state, err))
        return false;
    _attempt_ struct attempt *a = xnew(struct attempt);
    a->started_wall_ms = wall_ms();
    a->started_mono_ms = now_ms();
    a->lab = xstrdup(what->lab);
    a->scenario = clean_or_empty(what->scenario);
    a->scenario_digest = clean_or_empty(what->scenario_digest);
    a->candidate = utf8_clean(what->candidate);
    a->driver = clean_or_empty(what->driver);
    a->version = clean_or_empty(what->version);
    a->boot_id = host_boot_id();
    a->draw = json_incref(what->draw);
    a->time_limit_ms = what->time_limit_ms;
    if (!claim_id(state, a->lab, a->started_wall_ms, &a->id, &a->dir, err) || !make_tree(a, err))
        return lr_error_prefix(err, "recording an attempt");
    _free_ char *parent = state_path(state, STATE_ATTEMPTS, NULL);
    _json_ json_t *data = json_pack("{ss ss}", "scenario", a->scenario, "driver", a->driver);
    if (!sync_folder(parent, err) || !attempt_event(a, "created", data, err))
        return lr_error_prefix(err, "recording an attempt");
    *ret = STEAL(a);
    return true;
}

bool attempt_used_ms(struct attempt *a, int64_t *ret_ms, struct lr_error *err)
{
    if (a->state != ATTEMPT_OPEN) {
        *ret_ms = a->used_ms;
        return true;
    }
    _json_ json_t *events = NULL;
    if (!attempt_events(a, NULL, &events, NULL, err))
        return false;
    _free_ char *boot = host_boot_id();
    *ret_ms = events_used_ms(events, now_ms(), boot);
    return true;
}

bool attempt_close(struct attempt *a, enum attempt_state as, struct lr_error *err)
{
    _close_ int lock = -1;
    if (!attempt_begin_change(a, &lock, err))
        return lr_error_prefix(err, "closing attempt '%s'", a->id);
    if (a->state != ATTEMPT_OPEN)
        return true;
    int64_t used;
    _json_ json_t *data = json_pack("{ss}", "state", attempt_state_name(as));
    if (!attempt_event(a, "close", data, err) || !attempt_used_ms(a, &used, err))
        return lr_error_prefix(err, "closing attempt '%s'", a->id);
    a->state = as;
    a->used_ms = used;
    a->closed_wall_ms = wall_ms();
    if (attempt_save(a, err))
        return true;
    a->state = ATTEMPT_OPEN;
    return lr_error_prefix(err, "closing attempt '%s'", a->id);
}

/* Bytes of all recordings; whoever may open terminals may open many. */
static uint64_t recorded(const struct attempt *a)
{
    _lr_error_ struct lr_error ignored = LR_ERROR_INIT;
    _strv_ struct strv names = STRV_INIT;
    _free_ char *dir = path_join(a->dir, "recordings");
    uint64_t sum = 0;
    if (!dir_list(dir, &names, &ignored))
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        struct stat st;
        _free_ char *path = path_join(dir, names.items[i]);
        if (lstat(path, &st) == 0)
            sum += (uint64_t)st.st_size;
    }
    return sum;
}

bool attempt_record(struct attempt *a, const char *node, const struct cast_conf *conf,
    struct cast **ret, struct lr_error *err)
{
    if (!state_name_ok(node))
        return lr_error_set(err, LR_EUSAGE, "'%s' cannot be the name of a node", node);
    if (recorded(a) >= RECORDINGS_CAP)
        return lr_error_set(err, LR_EINFRA, "the attempt has 1 GiB of recordings already");
    _free_ char *when = stamp(wall_ms());
    for (int i = 1; i < 10000; i++) {
        _free_ char *file = i == 1 ? xasprintf("recordings/%s-%s.cast", when, node)
                                   : xasprintf("recordings/%s-%s-%d.cast", when, node, i);
        _free_ char *path = path_join(a->dir, file);
        struct cast *c = NULL;
        if (cast_open(path, conf, &c, err)) {
            _json_ json_t *data = json_pack("{ss ss}", "node", node, "recording", file);
            if (!attempt_event(a, "terminal", data, err)) {
                _lr_error_ struct lr_error second = LR_ERROR_INIT;
                (void)!cast_close(c, &second);
                return false;
            }
            *ret = c;
            return true;
        }
        if (errno != EEXIST)
            return lr_error_prefix(err, "recording the terminal");
    }
    return lr_error_prefix(err, "recording the terminal");
}

/* One mutex guards all; the spinner's thread waits on the condition while there is nothing to
 * animate, and otherwise wakes ten times a second. It exists only where something moves. */
#include "cli/progress.h"
#include "util/deadline.h"
#include "util/log.h"
#include <pthread.h>
#include <signal.h>
#include <time.h>

struct progress {
    FILE *file;
    const char *program;
    enum verbosity verbosity;
    bool live;     /* the terminal can show a line that changes */
    int64_t began; /* of the command */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool has_thread;
    bool ending;
    char *step; /* what the live line says; NULL: there is none */
    int64_t step_began;
    bool drawn; /* the live line is on the screen */
    unsigned frame;
};

static const char *const frames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
#define N_FRAMES (sizeof frames / sizeof frames[0])

/* The lock is held in all of these. */
static void erase(struct progress *p)
{
    if (p->drawn)
        fputs("\r\x1b[K", p->file);
    p->drawn = false;
    fflush(p->file);
}

static void draw(struct progress *p)
{
    int64_t ms = now_ms() - p->step_began;
    _free_ char *elapsed = format_duration(ms);
    struct out o = out_for(p->file, false);
    size_t room = o.width > 16 ? o.width - 16 : 60;
    /* A line that wraps cannot be erased: cut it at the terminal's width. */
    _strbuf_ struct strbuf line = STRBUF_INIT;
    const char *s = p->step;
    for (size_t width = 0; *s; width = text_width(line.data)) {
        size_t n = 1;
        while (((unsigned char)s[n] & 0xc0) == 0x80)
            n++;
        if (width + 2 > room)
            break;
        strbuf_add(&line, s, n);
        s += n;
    }
    fprintf(p->file, "\r\x1b[K%s %s%s (%s)", frames[p->frame++ % N_FRAMES],
        line.data ? line.data : "", *s ? "…" : "", elapsed);
    fflush(p->file);
    p->drawn = true;
}

static void *spin(void *data)
{
    struct progress *p = data;
    pthread_mutex_lock(&p->lock);
    while (!p->ending) {
        if (!p->step) {
            pthread_cond_wait(&p->changed, &p->lock);
            continue;
        }
        draw(p);
        int64_t next = now_ms() + 100;
        struct timespec at = {next / 1000, next % 1000 * 1000000};
        pthread_cond_timedwait(&p->changed, &p->lock, &at);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void set_step(struct progress *p, const char *text)
{
    free(p->step);
    p->step = xstrdup(text);
    p->step_began = now_ms();
    pthread_cond_signal(&p->changed);
}

static void plain_line(struct progress *p, enum log_level level, const char *text)
{
    erase(p);
    if (level == LOG_LEVEL_WARNING) {
        fprintf(p->file, "%s: warning: %s\n", p->program, text);
    } else {
        int64_t ms = now_ms() - p->began;
        fprintf(p->file, "[%4lld.%llds] %s\n", (long long)(ms / 1000), (long long)(ms % 1000 / 100),
            text);
    }
    fflush(p->file);
}

static void sink(enum log_level level, const char *line, void *data)
{
    struct progress *p = data;
    if (level == LOG_LEVEL_DEBUG && p->verbosity != VERBOSE)
        return;
    if (level == LOG_LEVEL_INFO && p->verbosity == QUIET)
        return;
    _free_ char *text = text_printable(line);
    pthread_mutex_lock(&p->lock);
    if (level == LOG_LEVEL_INFO && p->has_thread)
        set_step(p, text);
    else
        plain_line(p, level, text);
    pthread_mutex_unlock(&p->lock);
}

struct progress *progress_begin(
    FILE *file, const char *program, enum verbosity verbosity, bool no_color_asked)
{
    struct progress *p = xnew(struct progress);
    pthread_condattr_t attr;
    p->file = file;
    p->program = program;
    p->verbosity = verbosity;
    p->began = now_ms();
    p->live = verbosity == NORMAL && out_for(file, no_color_asked).color;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &attr);
    pthread_condattr_destroy(&attr);
    /* Signals belong to the main thread's waits; no thread, no animation, but all is still said. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    p->has_thread = p->live && pthread_create(&p->thread, NULL, spin, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    log_set_sink(sink, p);
    return p;
}

void progress_hide(struct progress *p)
{
    pthread_mutex_lock(&p->lock);
    free(p->step);
    p->step = NULL;
    erase(p);
    pthread_mutex_unlock(&p->lock);
}

void progress_end(struct progress *p)
{
    if (!p)
        return;
    log_set_sink(NULL, NULL);
    progress_hide(p);
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    if (p->has_thread)
        pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

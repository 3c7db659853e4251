/* Runs a fuzz target once over each file of the folders and files named: what a fuzzer has found
 * before stays found, with any compiler. */
#include "util/fs.h"
#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t replay(const char *path)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    struct stat st;
    size_t n = 0;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        _strv_ struct strv names = STRV_INIT;
        if (!dir_list(path, &names, &err))
            abort();
        for (size_t i = 0; i < names.n; i++) {
            _free_ char *sub = path_join(path, names.items[i]);
            n += replay(sub);
        }
        return n;
    }
    _free_ char *data = NULL;
    size_t len;
    if (!file_read(path, 8 << 20, &data, &len, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    /* A copy of exactly this size: one byte past it is for the sanitizer to see. */
    _free_ uint8_t *exact = xmemdup(data, len);
    LLVMFuzzerTestOneInput(exact, len);
    return 1;
}

int main(int argc, char **argv)
{
    size_t n = 0;
    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    printf("%zu inputs\n", n);
    return n ? 0 : 1;
}

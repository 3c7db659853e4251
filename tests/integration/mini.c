#include "mini.h"
#include "image/image.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *mini_image(void)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    const char *state = getenv("LABRUN_TEST_STATE");
    char *dir = NULL;
    setenv("LABRUN_IMAGE_PATH", SOURCE_DIR "/images", 1);
    if (image_build(state ? state : "/var/tmp/labrun-tests", "mini", &dir, &err))
        return dir;
    fprintf(stderr, "the image 'mini': %s\n", err.message);
    _exit(1);
}

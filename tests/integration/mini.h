/* The image that the drivers' own tests stand on. */
#ifndef LABRUN_TESTS_MINI_H
#define LABRUN_TESTS_MINI_H

/* The folder of the image 'mini', which is made unless it is there, where the scripts of this
 * folder have theirs; owned by the caller. Ends the test when it cannot be made. */
char *mini_image(void);

#endif

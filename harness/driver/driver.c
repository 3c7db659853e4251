#include "driver/driver.h"

const struct driver_ops *const drivers[] = {&driver_lxc, &driver_qemu, NULL};

const struct driver_ops *driver_by_name(const char *name)
{
    for (size_t i = 0; drivers[i]; i++)
        if (streq(drivers[i]->name, name))
            return drivers[i];
    return NULL;
}

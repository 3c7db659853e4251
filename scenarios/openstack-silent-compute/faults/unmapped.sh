#!/bin/sh
# The API does not know any more in which cell the other hypervisor is. The cell still does, and takes
# it for mapped.
set -eu

secret=$(sed -n '/^\[api_database\]/,/^\[/s/^connection = //p' /etc/nova/nova.conf)
SECRET=$secret python3 - <<'END'
import os
import urllib.parse

import pymysql

url = urllib.parse.urlparse(os.environ["SECRET"])
db = pymysql.connect(host=url.hostname, user=url.username, password=url.password,
                     database=url.path[1:], autocommit=True)
with db.cursor() as cursor:
    if cursor.execute("DELETE FROM host_mappings WHERE host = %s",
                      (os.environ["LABRUN_PARAM_OTHER"],)) != 1:
        raise SystemExit("there was no mapping")
END

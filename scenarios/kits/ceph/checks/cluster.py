#!/usr/bin/python3
"""Puts one question to the cluster, as client.witness, and says in one line what it saw.

    cluster.py [--if-it-answers] QUESTION [WORD...]

Exit status: 0 as it should be, 1 not, 75 could not tell. A cluster that does not answer is not as
it should be; --if-it-answers leaves that to other checks. What monitors and managers say may be minutes old after a power cut, so a question
about OSDs first writes to every placement group: that ends only when every OSD the map calls up
has answered.
"""
import ipaddress
import json
import os
import re
import sys
import threading

import rados

STATE = "/var/lib/labrun-witness/"
HOSTS = ("ceph1", "ceph2", "ceph3")
ORDINARY_FLAGS = {"sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit"}


def ask(cluster, prefix, manager=False, **args):
    send = cluster.mgr_command if manager else cluster.mon_command
    status, out, error = send(json.dumps(dict(args, prefix=prefix, format="json")), b"")
    if status:
        raise OSError("'%s' was not answered: %s" % (prefix, error or os.strerror(-status)))
    return json.loads(out)


def recorded(name):
    with open(STATE + name) as f:
        return json.load(f)


def touch(cluster):
    for pool in ("volumes", "images"):
        with cluster.open_ioctx(pool) as io:
            writes = [io.aio_write_full("witness.touch.%d" % i, b"witness") for i in range(48)]
            for write in writes:
                write.wait_for_complete()
                status = write.get_return_value()
                if status < 0:
                    raise OSError("a write to pool '%s' failed: %s" % (pool, os.strerror(-status)))


def redundancy(cluster):
    """Every placement group has three live copies, and nothing is left to move."""
    touch(cluster)
    pgs = ask(cluster, "pg dump", manager=True, dumpcontents=["pgs_brief"])["pg_stats"]
    wrong = {}
    for pg in pgs:
        state = re.sub(r"\+(scrubbing|deep|snaptrim_wait|snaptrim)\b", "", pg["state"])
        if state != "active+clean" or len(set(pg["acting"])) < 3:
            what = "%s on OSDs %s" % (state, sorted(pg["acting"]))
            wrong[what] = wrong.get(what, 0) + 1
    if not pgs:
        return ["no placement groups at all"], ""
    return (["%d of %d placement groups are %s" % (n, len(pgs), what) for what, n in wrong.items()],
            "all %d placement groups are active+clean with three copies" % len(pgs))


def osds(cluster, least="0.007"):
    """Each host carries one OSD that is up, in, and has its share. Its number does not matter; where it is
    is told by its address, whatever the map of hosts says."""
    touch(cluster)
    tree = ask(cluster, "osd tree")
    nodes = {n["id"]: n for n in tree["nodes"] + tree["stray"]}
    places = {o["osd"]: o["public_addrs"]["addrvec"] for o in ask(cluster, "osd dump")["osds"]}
    wrong = []
    for host in (n for n in nodes.values() if n["type"] == "host" and n["name"] in HOSTS):
        address = "10.20.0.1%s:" % host["name"][len("ceph"):]
        wrong += ["osd.%d of host %s is elsewhere: %s" % (
            i, host["name"], ", ".join(a["addr"] for a in places.get(i, ())) or "nowhere")
            for i in host["children"]
            if not all(a["addr"].startswith(address) for a in places.get(i, ())) or not places.get(i)]
    for osd in (n for n in nodes.values() if n["type"] == "osd"):
        if osd["status"] != "up":
            wrong.append("%s is %s" % (osd["name"], osd["status"]))
        if osd["reweight"] < 0.99:
            wrong.append("%s is out or reweighted (%.2f)" % (osd["name"], osd["reweight"]))
        if osd["crush_weight"] < float(least):
            wrong.append("%s has CRUSH weight %.4f" % (osd["name"], osd["crush_weight"]))
    for host in HOSTS:
        count = sum(len(n["children"]) for n in nodes.values()
                    if n["type"] == "host" and n["name"] == host)
        if count != 1:
            wrong.append("host %s has %d OSDs" % (host, count))
    total = sum(1 for n in nodes.values() if n["type"] == "osd")
    if total != 3:
        wrong.append("the map has %d OSDs" % total)
    return wrong, "three OSDs are up and in, one on each host"


def even(cluster):
    """OSDs of one size have one weight."""
    nodes = ask(cluster, "osd tree")["nodes"]
    weights = {n["name"]: n["crush_weight"] for n in nodes if n["type"] == "osd"}
    told = ", ".join("%s %.4f" % item for item in sorted(weights.items()))
    right = weights and min(weights.values()) > 0 and \
        max(weights.values()) <= 1.25 * min(weights.values())
    return [] if right else ["CRUSH weights: " + told], "CRUSH weights: " + told


def fill(cluster, most):
    """No OSD is fuller than MOST per cent."""
    osds = ask(cluster, "osd df", manager=True)["nodes"]
    told = ", ".join("%s %.1f %%" % (osd["name"], osd["utilization"]) for osd in osds)
    full = not osds or any(osd["utilization"] > float(most) for osd in osds)
    return [told] if full else [], told


def ratios(cluster, nearfull, backfillfull, full):
    """The ratios are no higher than these, and in order."""
    dump = ask(cluster, "osd dump")
    names = ("nearfull_ratio", "backfillfull_ratio", "full_ratio")
    now = [dump[name] for name in names]
    told = ", ".join("%s %.3f" % (name, value) for name, value in zip(names, now))
    high = [value > float(most) + 0.0001 for value, most in zip(now, (nearfull, backfillfull, full))]
    return [told] if any(high) or now != sorted(now) or now[0] < 0.5 else [], told


def quota(cluster, pool, most):
    """The pool may hold some, and at most so many bytes."""
    for p in ask(cluster, "osd dump")["pools"]:
        if p["pool_name"] == pool:
            told = "pool '%s' may hold %d bytes (0: no limit)" % (pool, p["quota_max_bytes"])
            return [] if 0 < p["quota_max_bytes"] <= int(most) else [told], told
    return ["there is no pool '%s'" % pool], ""


def flags(cluster):
    """No flag of the maintenance is left, neither for all OSDs nor for one, a host or a class."""
    dump = ask(cluster, "osd dump")
    wrong = sorted(set(dump["flags_set"]) - ORDINARY_FLAGS)
    for key in ("crush_node_flags", "device_class_flags"):
        wrong += ["%s on %s" % (",".join(f), name) for name, f in dump[key].items()]
    for osd in dump["osds"]:
        own = [s for s in osd["state"] if s.startswith("no")]
        if own:
            wrong.append("%s on osd.%d" % (",".join(own), osd["osd"]))
    return ["flags set: " + "; ".join(wrong)] if wrong else [], "no flag is set"


def health(cluster):
    """HEALTH_OK, and not because somebody muted what was wrong."""
    touch(cluster)
    answer = ask(cluster, "health", detail="detail")
    wrong = ["%s is muted" % m["code"] for m in answer["mutes"]]
    if answer["status"] != "HEALTH_OK":
        wrong.append("%s (%s)" % (answer["status"], ", ".join(sorted(answer["checks"]))))
    return wrong, "HEALTH_OK, nothing muted"


def pools(cluster):
    """Pools keep as many copies, on as many hosts, as they had."""
    wrong = []
    now = {p["pool_name"]: p for p in ask(cluster, "osd dump")["pools"]}
    for was in recorded("identity.json")["pools"]:
        name = was["pool_name"]
        for key in ("size", "min_size", "crush_rule", "pg_num", "type"):
            if name in now and now[name][key] != was[key]:
                wrong.append("pool '%s': %s is %s, was %s" % (name, key, now[name][key], was[key]))
    steps = {r["rule_id"]: r["steps"] for r in ask(cluster, "osd crush rule dump")}
    for was in recorded("rules.json"):
        if steps.get(was["rule_id"]) != was["steps"]:
            wrong.append("CRUSH rule %d was changed or removed" % was["rule_id"])
    return wrong, "size, min_size, placement groups and CRUSH rules are as they were"


def identity(cluster):
    """The same cluster and the same pools, not new ones of the same name."""
    was = recorded("identity.json")
    dump = ask(cluster, "osd dump")
    wrong = [] if dump["fsid"] == was["fsid"] else ["the cluster's fsid is %s" % dump["fsid"]]
    now = {p["pool_name"]: p["pool"] for p in dump["pools"]}
    for pool in was["pools"]:
        name = pool["pool_name"]
        if name not in now:
            wrong.append("pool '%s' is gone" % name)
        elif now[name] != pool["pool"]:
            wrong.append("pool '%s' was made anew: id %d, was %d" % (name, now[name], pool["pool"]))
    return wrong, "fsid and pool ids are as they were"


def monitors(cluster):
    """The three monitors, where they were, all in quorum."""
    dump = ask(cluster, "mon dump")
    now = {m["name"]: m["public_addrs"] for m in dump["mons"]}
    wrong = []
    for was in recorded("mons.json"):
        if now.pop(was["name"], None) != was["public_addrs"]:
            wrong.append("monitor %s is gone or has moved" % was["name"])
    wrong += ["monitor %s is new" % name for name in now]
    if len(dump["quorum"]) != 3:
        wrong.append("%d monitors in quorum" % len(dump["quorum"]))
    return wrong, "three monitors in quorum, at their addresses"


def backside(cluster, *nets):
    """OSDs copy to each other over the cluster networks, and not beside the clients."""
    wrong, seen = [], 0
    for osd in ask(cluster, "osd dump")["osds"]:
        if not osd["up"]:
            continue
        seen += 1
        for address in osd["cluster_addrs"]["addrvec"]:
            host = ipaddress.ip_address(address["addr"].rpartition(":")[0].strip("[]"))
            if not any(host in ipaddress.ip_network(net) for net in nets):
                wrong.append("osd.%d copies over %s" % (osd["osd"], host))
    return wrong, "%d OSDs copy over %s" % (seen, " and ".join(nets))


def incident(cluster, down, out):
    """The state that candidates are handed: an OSD down, another out, two copies, flags left set."""
    up = sorted({0, 1, 2} - {int(down)})
    touch(cluster)
    dump = ask(cluster, "osd dump")
    seen = {"up": [o["osd"] for o in dump["osds"] if o["up"]],
            "in": [o["osd"] for o in dump["osds"] if o["in"]],
            "flags": sorted(set(dump["flags_set"]) - ORDINARY_FLAGS)}
    pgs = ask(cluster, "pg dump", manager=True, dumpcontents=["pgs_brief"])["pg_stats"]
    idle = [pg for pg in pgs if "active" not in pg["state"] or sorted(pg["acting"]) != up]
    seen["placement groups without two copies"] = len(idle)
    told = ", ".join("%s: %s" % item for item in seen.items())
    kept = sorted({0, 1, 2} - {int(out)})
    right = seen["up"] == up and seen["in"] == kept and not idle and pgs and \
        seen["flags"] == ["noout", "norebalance"]
    return [] if right else [told], told


def answer(question, words, result):
    try:
        with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness", conf={
                "client_mount_timeout": "30", "rados_mon_op_timeout": "30",
                "rados_osd_op_timeout": "30"}) as cluster:
            wrong, right = question(cluster, *words)
        result.append((1, "; ".join(wrong)) if wrong else (0, right))
    except rados.TimedOut as e:
        result.append((SILENT, "the cluster does not answer: %s" % e))
    except FileNotFoundError as e:
        result.append((75, "the witness lacks its record: %s" % e))
    except (OSError, rados.Error) as e:
        result.append((1, "%s" % e))
    except Exception as e:  # of the witness itself, such as a record that is none
        result.append((75, "the witness cannot tell: %r" % e))


QUESTIONS = {q.__name__: q for q in
             (redundancy, osds, even, fill, ratios, quota, flags, health, pools, identity, monitors,
              backside, incident)}
words = sys.argv[1:]
SILENT = 0 if words[0] == "--if-it-answers" else 1
words = words[words[0] == "--if-it-answers":]
result = []
worker = threading.Thread(target=answer, args=(QUESTIONS[words[0]], words[1:], result), daemon=True)
worker.start()
worker.join(50 * int(os.environ.get("LABRUN_PATIENCE", "1")))
status, line = result[0] if result else (SILENT, "the cluster did not answer in time")
print(line, flush=True)
if status == 75:
    print(line, file=sys.stderr, flush=True)
os._exit(status)

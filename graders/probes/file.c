/* file: a file's mode, owner and contents, as a small program on the node sees it. */
#include "graders/probes/expect.h"
#include "graders/probes/kinds.h"

struct file_params {
    char *path;
    bool absent;
    char *type;
    char *mode; /* octal */
    char *owner;
    char *group;
    char *sha256;
    struct text_rule text;
};

static const char *const type_names[] = {
    "file", "directory", "symlink", "block", "char", "socket", "fifo", NULL};

static void read_type(struct reader *r, const struct value *v, void *member)
{
    static const struct field f = {.key = "type", .type = FIELD_T_ENUM, .names = type_names};
    int index = -1;
    read_field(r, v, &f, &index);
    if (index >= 0)
        *(char **)member = xstrdup(type_names[index]);
}

static void read_mode(struct reader *r, const struct value *v, void *member)
{
    const char *s = v->type == VALUE_SCALAR ? v->text : "";
    if (strspn(s, "01234567") != strlen(s) || strlen(s) < 3 || strlen(s) > 4) {
        read_expected(r, v, "mode", "three or four octal digits: 0640");
        return;
    }
    *(char **)member = xasprintf("%s%s", strlen(s) == 3 ? "0" : "", s);
}

static void read_sha256(struct reader *r, const struct value *v, void *member)
{
    const char *s = v->type == VALUE_SCALAR ? v->text : "";
    if (strspn(s, "0123456789abcdef") != strlen(s) || strlen(s) != 64)
        read_expected(r, v, "sha256", "64 hexadecimal digits");
    else
        *(char **)member = xstrdup(s);
}

static void read_account(struct reader *r, const struct value *v, void *member)
{
    if (v->type != VALUE_SCALAR || !*v->text)
        read_expected(r, v, NULL, "a name or a number");
    else
        *(char **)member = xstrdup(v->text);
}

static const struct field file_fields[] = {
    FIELD_STRING("path", struct file_params, path, FIELD_REQUIRED, .max = 4096,
        .help = "absolute; links are followed unless type is symlink or absent is true"),
    FIELD_BOOL("absent", struct file_params, absent, 0,
        .help = "true: nothing may be there, not even a link that leads nowhere"),
    FIELD_CUSTOM("type", struct file_params, type, read_type, 0,
        .schema = "{\"enum\": [\"file\", \"directory\", \"symlink\", \"block\", \"char\", "
                  "\"socket\", \"fifo\"]}"),
    FIELD_CUSTOM("mode", struct file_params, mode, read_mode, 0,
        .schema = "{\"type\": [\"string\", \"integer\"]}", .help = "octal: \"0640\""),
    FIELD_CUSTOM("owner", struct file_params, owner, read_account, 0,
        .schema = "{\"type\": [\"string\", \"integer\"]}", .help = "name or number"),
    FIELD_CUSTOM("group", struct file_params, group, read_account, 0,
        .schema = "{\"type\": [\"string\", \"integer\"]}", .help = "name or number"),
    FIELD_CUSTOM("sha256", struct file_params, sha256, read_sha256, 0,
        .schema = "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{64}$\"}"),
    FIELD_CUSTOM("text", struct file_params, text, read_text_rule, 0,
        .help = "what is expected of its contents (the first MiB)"),
};

static void *file_parse(struct reader *r, const struct value *v, const struct scenario *sc)
{
    (void)sc;
    struct file_params *p = xnew(struct file_params);
    read_map(r, v, file_fields, N_FIELDS(file_fields), p);
    if (p->path && p->path[0] != '/')
        problems_add(r->problems, value_get(v, "path"), "'path' must be absolute");
    bool says_more = p->type || p->mode || p->owner || p->group || p->sha256 || p->text.given;
    if (p->absent && says_more)
        problems_add(r->problems, v, "a file that is to be absent has no other properties");
    return p;
}

static void file_free(void *params)
{
    struct file_params *p = params;
    free_map(file_fields, N_FIELDS(file_fields), p);
    free(p->type);
    free(p->mode);
    free(p->owner);
    free(p->group);
    free(p->sha256);
    text_rule_free(&p->text);
    free(p);
}

static json_t *file_schema(void)
{
    json_t *s = fields_schema(file_fields, N_FIELDS(file_fields));
    json_object_set_new(json_object_get(s, "properties"), "text", text_rule_schema());
    return s;
}

static const char program[] =
    "import errno, grp, hashlib, json, os, pwd, stat, sys\n"
    "q = json.loads(sys.argv[1])\n"
    "def out(**a):\n"
    "    print(json.dumps(a))\n"
    "    sys.exit(0)\n"
    "def name(get, n):\n"
    "    try:\n"
    "        return get(n)[0]\n"
    "    except KeyError:\n"
    "        return str(n)\n"
    "try:\n"
    "    s = os.lstat(q['path']) if q['link'] else os.stat(q['path'])\n"
    "except OSError as e:\n"
    "    if e.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):\n"
    "        raise\n"
    "    out(exists=False)\n"
    "kinds = (('file', stat.S_ISREG), ('directory', stat.S_ISDIR), ('symlink', stat.S_ISLNK),\n"
    "         ('block', stat.S_ISBLK), ('char', stat.S_ISCHR), ('socket', stat.S_ISSOCK),\n"
    "         ('fifo', stat.S_ISFIFO))\n"
    "a = dict(exists=True, type=[k for k, f in kinds if f(s.st_mode)][0],\n"
    "         mode='%04o' % stat.S_IMODE(s.st_mode), uid=str(s.st_uid), gid=str(s.st_gid),\n"
    "         owner=name(pwd.getpwuid, s.st_uid), group=name(grp.getgrgid, s.st_gid))\n"
    "if a['type'] == 'file' and q['text']:\n"
    "    with open(q['path'], 'rb') as f:\n"
    "        text = f.read((1 << 20) + 1)\n"
    "    a.update(text=text[:1 << 20].hex(), whole=len(text) <= 1 << 20)\n"
    "if a['type'] == 'file' and q['sha256']:\n"
    "    h = hashlib.sha256()\n"
    "    with open(q['path'], 'rb') as f:\n"
    "        for part in iter(lambda: f.read(1 << 20), b''):\n"
    "            h.update(part)\n"
    "    a['sha256'] = h.hexdigest()\n"
    "out(**a)\n";

static void expect_one(
    struct tally *t, const char *what, const char *wanted, const char *seen, const char *also)
{
    if (!wanted)
        return;
    bool holds = (seen && streq(seen, wanted)) || (also && streq(also, wanted));
    tally_expect(t, "%s is %s", what, wanted);
    tally_saw(t, holds, "%s is %s", what, seen ? seen : "not known");
}

static void judge(const struct file_params *p, const json_t *a, struct outcome *o)
{
    _tally_ struct tally t = {0};
    const char *missing = NULL;
    bool exists = get_bool(a, "exists", &missing);
    tally_expect(&t, "%s %s", p->path, p->absent ? "does not exist" : "exists");
    tally_saw(&t, exists != p->absent, "%s %s", p->path, exists ? "exists" : "does not exist");
    if (exists && !p->absent) {
        expect_one(&t, "type", p->type, get_string(a, "type", &missing), NULL);
        expect_one(&t, "mode", p->mode, get_string(a, "mode", &missing), NULL);
        expect_one(&t, "owner", p->owner, get_string(a, "owner", &missing),
            get_string(a, "uid", &missing));
        expect_one(&t, "group", p->group, get_string(a, "group", &missing),
            get_string(a, "gid", &missing));
        expect_one(&t, "sha256", p->sha256, json_string_value(json_object_get(a, "sha256")), NULL);
        _free_ char *text = node_text(json_string_value(json_object_get(a, "text")));
        if (p->text.given && !text)
            tally_saw(&t, false, "it is not a plain file");
        else if (p->text.given && !get_bool(a, "whole", &missing))
            tally_saw(&t, false, "it is longer than 1 MiB, and is not read to its end");
        else if (p->text.given && !text_rule_check(&p->text, "text", text, strlen(text), &t, o))
            return;
    }
    if (missing)
        outcome_set(o, VERDICT_ERROR, "the answer lacks '%s'", missing);
    else
        tally_finish(&t, o);
}

static void file_run(const void *params, struct probe_ctx *ctx, struct outcome *o)
{
    const struct file_params *p = params;
    outcome_asked(o, "%s", p->path);
    outcome_expected(o, "it %s", p->absent ? "does not exist" : "exists");
    /* A link that leads nowhere is something that is there. */
    bool link = p->absent || (p->type && streq(p->type, "symlink"));
    json_t *question = json_pack("{s:s, s:b, s:b, s:b}", "path", p->path, "link", link, "sha256",
        p->sha256 != NULL, "text", p->text.given);
    _json_ json_t *answer = NULL;
    if (node_python(ctx, program, question, &answer, o))
        judge(p, answer, o);
}

const struct probe_kind probe_file = {
    .name = "file",
    .summary = "whether a file is there, its mode, owner and contents",
    .parse = file_parse,
    .free_params = file_free,
    .schema = file_schema,
    .run = file_run,
};

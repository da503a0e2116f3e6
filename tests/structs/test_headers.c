/* SPDX-License-Identifier: MIT */
/*
 * The headers of this machine: each as `gcc -E` leaves it is read as a layout, every struct and
 * union in it is placed, and the compiler asserts size, alignment and offsets. And some raw, as a
 * person pastes them, with their #include lines.
 *
 * PEEKFS_HEADERS="a.h b.h" tries those, PEEKFS_HEADERS=all every one below /usr/include/linux, net,
 * netinet, sys and of /usr/include itself, and says which can't be read, and why.
 */
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"

#define NAMES_MAX 4000

/* Those that are here are tried; there must be some. */
static const char *const usual[] = {
	"aio.h",
	"arpa/inet.h",
	"bzlib.h",
	"complex.h",
	"dirent.h",
	"elf.h",
	"fcntl.h",
	"fenv.h",
	"fuse3/fuse_lowlevel.h",
	"fuse3/fuse_opt.h",
	"grp.h",
	"ifaddrs.h",
	"json-c/json.h",
	"libelf.h",
	"link.h",
	"locale.h",
	"lzma.h",
	"math.h",
	"mqueue.h",
	"net/if.h",
	"netdb.h",
	"netinet/icmp6.h",
	"netinet/in.h",
	"netinet/ip.h",
	"netinet/ip_icmp.h",
	"netinet/tcp.h",
	"netinet/udp.h",
	"ncurses.h",
	"obstack.h",
	"openssl/ssl.h",
	"pcre2posix.h",
	"pthread.h",
	"pwd.h",
	"regex.h",
	"sched.h",
	"semaphore.h",
	"signal.h",
	"spawn.h",
	"sqlite3.h",
	"stdatomic.h",
	"stdio.h",
	"stdlib.h",
	"string.h",
	"sys/epoll.h",
	"sys/inotify.h",
	"sys/ipc.h",
	"sys/msg.h",
	"sys/procfs.h",
	"sys/ptrace.h",
	"sys/quota.h",
	"sys/resource.h",
	"sys/sem.h",
	"sys/shm.h",
	"sys/socket.h",
	"sys/stat.h",
	"sys/statfs.h",
	"sys/sysinfo.h",
	"sys/time.h",
	"sys/timex.h",
	"sys/ucontext.h",
	"sys/uio.h",
	"sys/un.h",
	"sys/user.h",
	"sys/wait.h",
	"termios.h",
	"threads.h",
	"time.h",
	"ucontext.h",
	"utmp.h",
	"utmpx.h",
	"wchar.h",
	"zlib.h",
	"linux/bpf.h",
	"linux/btrfs.h",
	"linux/elf.h",
	"linux/ethtool.h",
	"linux/fuse.h",
	"linux/fs.h",
	"linux/if_ether.h",
	"linux/if_link.h",
	"linux/in6.h",
	"linux/input.h",
	"linux/io_uring.h",
	"linux/ip.h",
	"linux/kvm.h",
	"linux/loop.h",
	"linux/netlink.h",
	"linux/perf_event.h",
	"linux/ptp_clock.h",
	"linux/rtnetlink.h",
	"linux/snmp.h",
	"linux/stat.h",
	"linux/taskstats.h",
	"linux/tcp.h",
	"linux/udp.h",
	"linux/usb/ch9.h",
	"linux/v4l2-controls.h",
	"linux/vfio.h",
	"linux/virtio_net.h",
	"linux/virtio_ring.h",
	"linux/wireless.h",
	"linux/xfrm.h",
	"sound/asound.h",
	"scsi/sg.h",
	"mtd/mtd-abi.h",
	"drm/drm.h",
	"numa.h",
	"liburing.h",
};

static const char *const folders[] = {
	"/usr/include/*.h",
	"/usr/include/sys/*.h",
	"/usr/include/net/*.h",
	"/usr/include/netinet/*.h",
	"/usr/include/linux/*.h",
	"/usr/include/linux/*/*.h",
	"/usr/include/x86_64-linux-gnu/sys/*.h",
	"/usr/include/aarch64-linux-gnu/sys/*.h",
	"/usr/include/sound/*.h",
	"/usr/include/scsi/*.h",
	"/usr/include/rdma/*.h",
};

struct names {
	size_t n;
	char *name[NAMES_MAX]; /* "struct x", or a typedef's */
};

static void add_name(struct names *names, const char *word, const char *name, size_t n)
{
	char text[300];

	snprintf(text, sizeof(text), "%s%.*s", word, (int)n, name);
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->name[i], text))
			return;
	}
	if (names->n < NAMES_MAX && n < 200)
		names->name[names->n++] = strdup(text);
}

static void forget_names(struct names *names)
{
	while (names->n)
		free(names->name[--names->n]);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What a scan has seen: the words before a brace, and what kind of brace is open. */
struct scan {
	const char *at, *end;
	struct names *names;
};

static void blanks(struct scan *scan)
{
	while (scan->at < scan->end) {
		if (*scan->at == '#') {
			while (scan->at < scan->end && *scan->at != '\n')
				scan->at++;
		} else if (!isspace((unsigned char)*scan->at)) {
			return;
		} else {
			scan->at++;
		}
	}
}

/* The next word, string or character; its length. */
static size_t next(struct scan *scan, const char **token)
{
	const char *at;

	blanks(scan);
	at = *token = scan->at;
	if (at >= scan->end)
		return 0;
	if (is_word(*at)) {
		while (at < scan->end && is_word(*at))
			at++;
	} else if (*at == '"' || *at == '\'') {
		for (at++; at < scan->end && *at != **token; at++)
			at += *at == '\\';
		at++;
	} else {
		at++;
	}
	scan->at = at;
	return (size_t)(at - *token);
}

static bool is(const char *token, size_t n, const char *word)
{
	return n == strlen(word) && !memcmp(token, word, n);
}

static void skip_brackets(struct scan *scan)
{
	const char *token;
	size_t n, depth = 1;

	while (depth && (n = next(scan, &token))) {
		depth += *token == '(' || *token == '{';
		depth -= *token == ')' || *token == '}';
	}
}

/*
 * The tags that have a body, and the typedef names of bodies, at any depth but in functions. Much
 * simpler than a parser, so that what the parser loses isn't lost here too.
 */
static void find_names(struct scan *scan, bool alias)
{
	const char *token, *word = NULL, *tag = NULL;
	size_t n, n_tag = 0;
	char before = ';';
	bool is_alias = false, body = false;

	while ((n = next(scan, &token)) && *token != '}') {
		if (is(token, n, "typedef")) {
			is_alias = true;
		} else if (is(token, n, "struct") || is(token, n, "union")) {
			word = *token == 's' ? "struct " : "union ";
			tag = NULL;
		} else if (is(token, n, "enum")) {
			word = NULL;
		} else if (is(token, n, "__attribute__") || is(token, n, "__asm__")) {
			next(scan, &token);
			skip_brackets(scan);
			continue;
		} else if (*token == '(') {
			skip_brackets(scan);
			before = ')';
			continue;
		} else if (*token == '{' && (before == ')' || before == '=')) {
			skip_brackets(scan);
			word = NULL;
		} else if (*token == '{') {
			if (word && tag)
				add_name(scan->names, word, tag, n_tag);
			body = word;
			find_names(scan, true);
			word = NULL;
		} else if (is_word(*token)) {
			if (body && is_alias && before == '}' && !alias)
				add_name(scan->names, "", token, n);
			tag = token;
			n_tag = n;
			if (before == '}')
				body = false;
		}
		if (*token == ';')
			is_alias = body = false, word = NULL;
		before = *token == '{' ? '}' : *token;
	}
}

static void read_command(const char *command, struct buf *out)
{
	FILE *input = popen(command, "r");
	size_t n;

	assert_non_null(input);
	do {
		char *to = buf_reserve(out, 65536);

		assert_non_null(to);
		n = fread(to, 1, 65536, input);
		out->len += n;
	} while (n);
	if (pclose(input))
		buf_reset(out);
}

static bool member_is_bits(const struct member *member)
{
	return member->type->bits && member->type->kind != TYPE_FLOAT;
}

static void assert_members(struct buf *out, const char *name, const struct type *type)
{
	buf_printf(out, "_Static_assert(sizeof(%s) == %lu && _Alignof(%s) == %u, \"%s\");\n", name,
		   (unsigned long)type->size, name, type->align, name);
	for (size_t i = 0; i < type->n_members; i++) {
		const struct member *member = &type->members[i];

		if (type->kind >= TYPE_STRUCT && !member_is_bits(member))
			buf_printf(out, "_Static_assert(offsetof(%s, %s) == %lu, \"%s.%s\");\n",
				   name, member->name, (unsigned long)member->offset, name,
				   member->name);
	}
}

enum verdict { FINE, NOT_C, TOO_LARGE, UNREAD, DIFFERENT };

static enum verdict parse(const struct buf *text, struct names *names, struct layout **layout,
			  struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf all = BUF_INIT;
	int err;

	buf_put(&all, text->data, text->len);
	buf_puts(&all, "\nint peekfs_first @ 0;\n");
	for (size_t i = 0; i < names->n; i++)
		buf_printf(&all, "%s peekfs_%zu @ 0;\n", names->name[i], i);
	if (all.len > LAYOUT_TEXT_MAX)
		return TOO_LARGE;
	err = layout_parse(all.data, all.len, layout, diag);
	if (err && diag->line) { /* the line that it stands on */
		const char *at = all.data, *end;

		for (unsigned line = 1; line < diag->line; line++)
			at = (const char *)memchr(at, 10, (size_t)(all.data + all.len - at)) + 1;
		end = memchr(at, '\n', (size_t)(all.data + all.len - at));
		fprintf(stderr, "#   %.*s\n", (int)(end - at > 150 ? 150 : end - at), at);
	}
	return err ? UNREAD : FINE;
}

/* types: how many were compared. */
static enum verdict try_header(const char *header, size_t *types)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	CLEANUP(buf_destroy) struct buf asserts = BUF_INIT;
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	CLEANUP(forget_names) struct names names = {.n = 0};
	struct scan scan = {.names = &names};
	struct layout *layout = NULL;
	struct bound *bound = NULL;
	struct diag diag = {0};
	enum verdict verdict;
	FILE *compiler;

	/* what isn't C by itself is nobody's fault */
	buf_printf(&command,
		   "{ echo '#include <stddef.h>'; echo '#include <%s>'; } >\"$PEEKFS_HEADER\";"
		   "gcc -D_GNU_SOURCE -w -fsyntax-only -x c \"$PEEKFS_HEADER\" 2>/dev/null &&"
		   "gcc -D_GNU_SOURCE -E -x c \"$PEEKFS_HEADER\"",
		   header);
	read_command(buf_cstr(&command), &text);
	if (!text.len)
		return NOT_C;
	scan.at = text.data;
	scan.end = text.data + text.len;
	find_names(&scan, false);
	verdict = parse(&text, &names, &layout, &diag);
	if (verdict == FINE && layout_bind(layout, UINT64_C(1) << 40, &bound, &diag))
		verdict = UNREAD;
	layout_unref(layout);
	if (verdict == UNREAD)
		fprintf(stderr, "# %s: line %u, column %u: %s\n", header, diag.line, diag.column,
			diag.message);
	if (verdict != FINE)
		return verdict;
	buf_printf(&asserts, "#include <stddef.h>\n#include <%s>\n", header);
	for (size_t i = 0; i < names.n; i++)
		assert_members(&asserts, names.name[i],
			       bound_root(bound).type->members[i + 1].type);
	*types += names.n;
	bound_unref(bound);
	compiler = popen("gcc -D_GNU_SOURCE -w -fsyntax-only -x c -", "w");
	assert_non_null(compiler);
	fwrite(asserts.data, 1, asserts.len, compiler);
	if (!pclose(compiler))
		return FINE;
	fprintf(stderr, "# %s differs\n", header);
	return DIFFERENT;
}

/* As they are, with their #include lines; and one struct each to compare. */
static const struct {
	const char *header, *name;
} raw[] = {
	{"elf.h", "Elf64_Ehdr"},
	{"linux/bpf.h", "struct bpf_map_info"},
	{"linux/btrfs.h", "struct btrfs_ioctl_fs_info_args"},
	{"linux/cdrom.h", "struct cdrom_subchnl"},
	{"linux/elf.h", "struct elf64_shdr"},
	{"linux/fuse.h", "struct fuse_init_out"},
	{"linux/if_ether.h", "struct ethhdr"},
	{"linux/if_link.h", "struct rtnl_link_stats64"},
	{"linux/io_uring.h", "struct io_uring_sqe"},
	{"linux/ip.h", "struct iphdr"},
	{"linux/loop.h", "struct loop_info64"},
	{"linux/netlink.h", "struct nlmsghdr"},
	{"linux/perf_event.h", "struct perf_event_mmap_page"},
	{"linux/pkt_sched.h", "struct tc_htb_opt"},
	{"linux/rseq.h", "struct rseq"},
	{"linux/rtnetlink.h", "struct rtmsg"},
	{"linux/seccomp.h", "struct seccomp_notif"},
	{"linux/shm.h", "struct shminfo"},
	{"linux/stat.h", "struct statx"},
	{"linux/taskstats.h", "struct taskstats"},
	{"linux/tcp.h", "struct tcp_info"},
	{"linux/usb/ch9.h", "struct usb_endpoint_descriptor"},
	{"linux/userfaultfd.h", "struct uffd_msg"},
	{"linux/vfio.h", "struct vfio_device_info"},
	{"linux/videodev2.h", "struct v4l2_format"},
	{"linux/virtio_ring.h", "struct vring_desc"},
	{"net/if.h", "struct ifreq"},
	{"netinet/in.h", "struct sockaddr_in6"},
	{"netinet/ip.h", "struct ip"},
	{"netinet/tcp.h", "struct tcphdr"},
	{"netinet/udp.h", "struct udphdr"},
	{"sound/asound.h", "struct snd_pcm_mmap_status"},
	{"sqlite3.h", "struct sqlite3_io_methods"},
	{"sys/shm.h", "struct shmid_ds"},
	{"sys/un.h", "struct sockaddr_un"},
	{"utmp.h", "struct utmp"},
};

struct tally {
	size_t of[DIFFERENT + 1], types;
};

static void try_named(const char *header, struct tally *tally)
{
	tally->of[try_header(header, &tally->types)]++;
}

static void try_all(struct tally *tally)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		glob_t found;

		if (glob(folders[i], 0, NULL, &found))
			continue;
		for (size_t j = 0; j < found.gl_pathc; j++)
			try_named(found.gl_pathv[j], tally);
		globfree(&found);
	}
}

static void headers_are_read(void **state)
{
	const char *which = getenv("PEEKFS_HEADERS");
	char source[sizeof(folder) + 16];
	struct tally tally = {0};

	(void)state;
	snprintf(source, sizeof(source), "%s/header", folder);
	setenv("PEEKFS_HEADER", source, 1);
	if (system("command -v gcc >/dev/null")) {
		print_message("no gcc here\n");
		skip();
	}
	if (which && !strcmp(which, "all")) {
		try_all(&tally);
	} else if (which) {
		CLEANUP(free_ptr) char *names = strdup(which);

		for (char *rest = names, *name; (name = strsep(&rest, " "));)
			try_named(name, &tally);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
			try_named(usual[i], &tally);
	}
	print_message(
		"# %zu headers with %zu structs are the compiler's, %zu can't be read, %zu differ; "
		"%zu are no C by themselves, %zu too large\n",
		tally.of[FINE], tally.types, tally.of[UNREAD], tally.of[DIFFERENT], tally.of[NOT_C],
		tally.of[TOO_LARGE]);
	assert_int_equal(tally.of[DIFFERENT], 0);
	assert_true(which || tally.of[FINE] > 20);
	assert_true(which || !tally.of[UNREAD]);
}

static bool read_raw(const char *header, struct buf *text)
{
	static const char *const roots[] = {"/usr/include", "/usr/include/x86_64-linux-gnu",
					    "/usr/include/aarch64-linux-gnu"};

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		CLEANUP(buf_destroy) struct buf path = BUF_INIT;

		buf_printf(&path, "cat %s/%s 2>/dev/null", roots[i], header);
		read_command(buf_cstr(&path), text);
		if (text->len)
			return true;
	}
	return false;
}

static void headers_are_read_raw(void **state)
{
	size_t fine = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(raw); i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		CLEANUP(buf_destroy) struct buf asserts = BUF_INIT;
		struct layout *layout = NULL;
		struct bound *bound = NULL;
		struct diag diag = {0};
		FILE *compiler;

		if (!read_raw(raw[i].header, &text))
			continue;
		buf_printf(&text, "\n%s peekfs_it @ 0;\n", raw[i].name);
		if (layout_parse(text.data, text.len, &layout, &diag) ||
		    layout_bind(layout, 1 << 20, &bound, &diag))
			fail_msg("%s: line %u, column %u: %s", raw[i].header, diag.line,
				 diag.column, diag.message);
		buf_printf(&asserts, "#include <stddef.h>\n#include <%s>\n", raw[i].header);
		assert_members(&asserts, raw[i].name, bound_root(bound).type->members[0].type);
		layout_unref(layout);
		bound_unref(bound);
		compiler = popen("gcc -D_GNU_SOURCE -w -fsyntax-only -x c -", "w");
		assert_non_null(compiler);
		fwrite(asserts.data, 1, asserts.len, compiler);
		fine++;
		wrong += pclose(compiler) != 0;
	}
	print_message("# %zu headers are read raw\n", fine);
	assert_int_equal(wrong, 0);
	assert_true(fine > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),
		cmocka_unit_test(headers_are_read_raw),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
